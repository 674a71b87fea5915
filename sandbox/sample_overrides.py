"""What the sample's people corrected in the catalog: Bruno's overrides of five days, and a discount that is none.

Every state is there: one that the store drifted away from, one about which it has come to agree, ones that end soon, reverted and expired ones.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.actions.override import override_offer, revert_override
from catalog.actions.risk import check_risk
from catalog.models import Availability, Offer, Override
from sandbox.calendar import TODAY
from sandbox.diary import Diary
from sandbox.shops.prices import one_pack

COFFEE = "The page shows the price of the two-pack; one pack costs this."
COUPON = "Coupon of the week, confirmed by the shop."
TILL = "The page shows the price with the shop's own card; without it the till says this."
AIR_FRYER = "A household wrote about “37 % off”."


@dataclass(frozen=True, slots=True)
class Correction:
    """`place`: which of the plain offers. `factor` of the tracked price; None: it is out of stock. `days`: for how long; None: until reverted.
    `ended`: "expired", or the day and hour at which it was reverted."""

    day: int
    clock: str
    place: int
    factor: float | None
    days: int | None
    reason: str
    ended: str | tuple[int, str] = ""


CORRECTIONS = (
    Correction(1, "15:10", 3, 0.91, 1, COUPON, "expired"),
    Correction(2, "10:05", 0, 1.12, None, TILL),
    Correction(3, "09:20", 4, 1.07, None, TILL, (4, "08:50")),
    Correction(3, "10:45", 5, 0.95, None, "The shop answered an email: wrong label.", (4, "08:52")),
    Correction(3, "14:05", 2, 1.0, 9, "Wrong for an hour; the shop mends it today."),
    Correction(3, "15:30", 7, 1.15, None, "Freight is part of the price there.", (4, "15:40")),
    Correction(4, "11:15", 1, 0.94, 3, COUPON),
    Correction(4, "16:20", 8, None, 4, "Out of stock, says the shop's chat; the page has not noticed."),
)
COFFEE_AT = ("08:02", "08:24", "08:31")


def load(diary: Diary) -> None:
    plain = list(Offer.objects.filter(error_code="", availability="in_stock").exclude(sku__startswith="coffee").order_by("pk")[10:140:13])
    for correction in CORRECTIONS:
        _correct(diary, correction, plain[correction.place])
    # The store has changed its mind since; nobody has looked.
    drifted = Override.objects.filter(offer=plain[0]).get()
    Override.objects.filter(pk=drifted.pk).update(tracked_amount=round((plain[0].price or 0) * 1.12))
    _coffee(diary)
    held = plain[6]
    Offer.objects.filter(pk=held.pk).update(
        held_price=(held.price or 10) // 10, held_list_price=held.price, held_at=diary.calendar.now - timedelta(minutes=25)
    )
    with diary.on(TODAY, "08:19"):
        check_risk(actor=diary.people["bruno"], offer_id=Offer.objects.get(sku="air-fryer-226", store__key="mercado-azul").pk, reason=AIR_FRYER)


def _coffee(diary: Diary) -> None:
    """Until the reader of that shop's pages is fixed."""
    offers = Offer.objects.filter(sku__startswith="coffee", store__key="mercado-azul").order_by("pk")
    for at, offer in zip(COFFEE_AT, offers, strict=True):
        value = one_pack(offer.price or 0)
        _override(diary, offer, COFFEE, diary.calendar.at(TODAY, at), diary.calendar.at(TODAY + 1, "18:00"), field="price", value=value)


def _correct(diary: Diary, correction: Correction, offer: Offer) -> None:
    calendar = diary.calendar
    made = calendar.at(correction.day, correction.clock)
    until = calendar.at(correction.day + correction.days, correction.clock) if correction.days else None
    is_over = correction.ended == "expired"
    field, value = (
        ("availability", str(Availability.OUT_OF_STOCK)) if correction.factor is None else ("price", round((offer.price or 0) * correction.factor))
    )
    override = _override(diary, offer, correction.reason, made, None if is_over else until, field=field, value=value)
    if is_over:
        Override.objects.filter(pk=override.pk).update(expires_at=until, ended_at=until, ended_because=Override.Ended.EXPIRED)
    elif correction.ended:
        ended = calendar.at(*correction.ended)
        with diary.at(ended):
            revert_override(actor=diary.people["bruno"], override_id=override.pk, reason="The page says it right again.")
        Override.objects.filter(pk=override.pk).update(ended_at=ended)


def _override(diary: Diary, offer: Offer, reason: str, at: datetime, until: datetime | None, **what: Any) -> Override:
    with diary.at(at):
        made = override_offer(
            actor=diary.people["bruno"], offer_id=offer.pk, reason=reason, expires_at=until, evidence_url=f"{offer.url}?photo={offer.pk}", **what
        )
    Override.objects.filter(pk=made.pk).update(created_at=at)
    Offer.objects.filter(pk=offer.pk).update(updated_at=at)
    return made

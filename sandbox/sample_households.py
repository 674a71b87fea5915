"""What the sample's households want to see, and say they bought."""

from datetime import datetime, timedelta

from audit.actors import Actor
from beta.models import Household
from catalog.action_types import CatalogAction
from catalog.models import Offer, Profile, Purchase, Store
from sandbox.calendar import TODAY, stable
from sandbox.diary import Diary
from sandbox.shops.chance import among

CATEGORIES: tuple[list[str], ...] = (["kitchen", "home", "pantry"], [], ["electronics", "home"], ["baby", "home", "pantry"], ["pets", "kitchen"], [])
# Seats whose filters leave next to nothing. Four of them shop at one store.
NARROW = (6, 15, 23, 30, 42)
BOUGHT_PER_DAY, BOUGHT_TODAY = (3, 5, 6, 9), ("07:04", "07:35", "08:05", "08:40", "09:02")
# The one whose declared economy nobody believes.
BOASTS = 24


def load(diary: Diary, households: list[Household], offers: list[Offer], product: Actor) -> None:
    stores = list(Store.objects.order_by("pk"))
    Profile.objects.bulk_create(
        _profile(household, stores, min((household.seated_at or diary.calendar.now) + timedelta(minutes=6), diary.calendar.now))
        for household in households
        if (household.seat or 0) % 3 or household.seat in NARROW
    )
    _purchases(diary, households, offers, product)


def _profile(household: Household, stores: list[Store], at: datetime) -> Profile:
    number = household.seat or 0
    if number in NARROW:
        only = stores[number % 3].pk
        excluded = [store.pk for store in stores if store.pk != only] if number != NARROW[-1] else []
        return Profile(household=household, categories=["pets"], excluded_stores=excluded, max_price=20_000 if excluded else 9_000, updated_at=at)
    return Profile(
        household=household, categories=CATEGORIES[number % len(CATEGORIES)], excluded_stores=[stores[number % len(stores)].pk] if number % 5 == 0 else [],
        max_price=(None, 90_000, 250_000)[number % 3], updated_at=at,
    )  # fmt: skip


def _purchases(diary: Diary, households: list[Household], offers: list[Offer], product: Actor) -> None:
    """Of households that had their seat by then."""
    calendar = diary.calendar
    moments = [at for day in range(1, TODAY) for at in calendar.spread(day, BOUGHT_PER_DAY[day - 1], "17:00" if day == 1 else "09:00", "21:30")]
    moments += [calendar.at(TODAY, clock) for clock in BOUGHT_TODAY]
    made = []
    for number, at in enumerate(moments):
        there = [household for household in households[:40] if household.seated_at and household.seated_at < at - timedelta(hours=1)]
        purchase = _purchase(number, there[number * 7 % len(there)], offers[number * 11 % len(offers)], at, calendar.now)
        made.append(purchase)
        changes = {name: (None, getattr(purchase, name)) for name in ("price", "currency", "declared_saving", "median_90", "bought_at")}
        diary.note(
            purchase.received_at, product, CatalogAction.RECORD_PURCHASE, entity_type="purchase", entity_id=purchase.pk, entity_label=purchase.external_id,
            changes=changes,
        )  # fmt: skip
    Purchase.objects.bulk_create(made)


def _purchase(number: int, household: Household, offer: Offer, at: datetime, now: datetime) -> Purchase:
    paid, median = offer.price or 0, offer.median_90
    is_doubted = number == BOASTS
    declared = 400_000 if is_doubted else max(0, (median or paid) - paid) + among(1500, "declared", number)
    return Purchase(
        id=stable("purchase", number), household=household, offer=offer, product_id=offer.product_id, external_id=f"pur_{number + 1:04}", price=paid,
        currency=offer.currency, declared_saving=declared, median_90=median, bought_at=at, received_at=min(at + timedelta(minutes=2), now),
        is_outlier=is_doubted, outlier_reasons=["above_price", "above_median"] if is_doubted else [],
    )  # fmt: skip

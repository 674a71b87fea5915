from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.actions import record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.actions.shown import locked_offer, mark_changed, needed, record_offer, touch
from catalog.fields import Field, Value, columns, said, value_of
from catalog.models import Availability, Offer, Override, Status
from catalog.queries.override import due, shown_of
from catalog.risk.writing import recalculate
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

LONGEST = timedelta(days=366)
MOST_AT_ONCE = 100
# Far above any price, far below what the column holds.
MOST = 10**15
_is_web_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def override_offer(
    *, actor: Actor, offer_id: int, field: str, value: Value, reason: str, evidence_url: str = "", expires_at: datetime | None = None,
    seen: int | None = None,
) -> Override:  # fmt: skip
    """Show `value` instead of what the store says, until it is reverted, replaced or `expires_at`. The tracked value stays under it.

    `value`: minor units of the offer's currency for price and list price (None as a list price: there is none), else an availability.
    `seen`: the override of this field that the person saw, 0 for none; Conflict if it is another one by now. Without it the one
    that holds is replaced. Raises Invalid for a value, a reason, an address or a time that makes no sense, Conflict for an archived
    offer and when nothing would change, NotFound.
    """
    reason, evidence_url = needed(reason), _evidence(evidence_url)
    _check(field, value, expires_at)
    offer = locked_offer(offer_id)
    if offer.status == Status.ARCHIVED:
        raise Conflict(_("The offer is archived, so nothing of it is shown. Restore it first."))
    before, old = shown_of(offer, field), _open(offer, field)
    # An override whose time is over holds nothing: it is not what anybody saw.
    held = old if old and (old.expires_at is None or old.expires_at > clock.now()) else None
    if seen is not None and (held.pk if held else 0) != seen:
        raise _overtaken(offer, held)
    if held and (value_of(held), held.expires_at, held.evidence_url, held.reason) == (value, expires_at, evidence_url, reason):
        raise Conflict(_("Nothing to change: the same override holds already."))
    if old:
        _end(old, actor, Override.Ended.REPLACED if held else Override.Ended.EXPIRED)
    made = _insert(offer, field, value, created_by=actor.label, reason=reason, evidence_url=evidence_url, expires_at=expires_at)
    changes: dict[str, Any] = {
        field: (said(before, offer.currency), said(value, offer.currency)),
        f"{field}_override": (said(value_of(held), offer.currency) if held else None, said(value, offer.currency)),
    }
    beside = {"until": (held and held.expires_at, expires_at), "evidence": ((held and held.evidence_url) or None, evidence_url or None)}
    changes |= {name: pair for name, pair in beside.items() if pair[0] != pair[1]}
    record_offer(offer, actor, reason, changes)
    touch(offer, changed=before != value)
    return made


@transaction.atomic
def revert_override(*, actor: Actor, override_id: int, reason: str = "") -> Override:
    """Show again what the store says. Raises Conflict when the override has ended already, NotFound."""
    override = Override.objects.filter(pk=override_id).first()
    if override is None:
        raise NotFound(_("There is no such override."))
    offer = locked_offer(override.offer_id)
    override.refresh_from_db()
    if override.ended_at or (override.expires_at and override.expires_at <= clock.now()):
        raise Conflict(_("The override does not hold any more: %(why)s.") % {"why": _why_ended(override)})
    before, after = value_of(override), getattr(offer, override.field)
    _end(override, actor, Override.Ended.REVERTED)
    changes = {
        override.field: (said(before, offer.currency), said(after, offer.currency)),
        f"{override.field}_override": (said(before, offer.currency), None),
    }
    record_offer(offer, actor, reason.strip(), changes)
    touch(offer, changed=before != after)
    return override


@transaction.atomic
def expire_overrides(*, actor: Actor, most: int = MOST_AT_ONCE) -> list[Override]:
    """Write down which overrides have ended by their own time, at most `most`; for the sweep. Returns those; leaves one audit row for them.

    Bookkeeping only: what is shown went back in the second it ended. However many call this at a time, each is written once.
    """
    # The offers first, as everybody who writes overrides does.
    offer_ids = set(due(most).values_list("offer_id", flat=True))
    locked = Offer.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=offer_ids).order_by("pk")
    offers = {offer.pk: offer for offer in locked}
    ended = list(Override.objects.filter(ended_at=None, expires_at__lte=clock.now(), offer__in=offers).order_by("expires_at", "pk"))
    if not ended:
        return []
    Override.objects.filter(pk__in=[one.pk for one in ended]).update(
        ended_at=F("expires_at"), ended_by=actor.label, ended_because=Override.Ended.EXPIRED
    )
    changes = {}
    for one in ended:
        offer = offers[one.offer_id]
        before, after = value_of(one), getattr(offer, one.field)
        changes[f"{one.field} of {offer.pk}"] = (said(before, offer.currency), said(after, offer.currency))
        if before != after and one.expires_at:
            mark_changed(offer, one.expires_at)
    recalculate(offers)
    _record_expired(actor, offers, ended, changes)
    return ended


def _check(field: str, value: Value, expires_at: datetime | None) -> None:
    if field not in Field.values:
        raise Invalid(_("Only the price, the list price and the availability can be overridden."), field="field")
    if field == Field.AVAILABILITY:
        if value not in Availability.values:
            raise Invalid(_("That is no availability."), field="value")
    elif value is None and field == Field.PRICE:
        raise Invalid(_("Say which price is right."), field="value")
    elif value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST):
        raise Invalid(_("A price is more than 0, and no fantasy."), field="value")
    if expires_at is not None and not clock.now() < expires_at <= clock.now() + LONGEST:
        raise Invalid(_("It ends at a time from now on, a year ahead at most."), field="expires_at")


def _evidence(address: str) -> str:
    address = address.replace("\x00", "").strip()
    if not address:
        return ""
    try:
        _is_web_address(address)
    except ValidationError:
        raise Invalid(_("The evidence is a web address: it begins with https:// or http://."), field="evidence_url") from None
    if len(address) > 1000:
        raise Invalid(_("1,000 characters at most."), field="evidence_url")
    return address


def _open(offer: Offer, field: str) -> Override | None:
    """The one that has not ended, its time being over or not."""
    return offer.overrides.select_for_update(no_key=True).filter(field=field, ended_at=None).first()


def _end(override: Override, actor: Actor, because: Override.Ended) -> None:
    expired = because == Override.Ended.EXPIRED
    override.ended_at = override.expires_at if expired else clock.now()
    override.ended_by, override.ended_because = "" if expired else actor.label, because
    override.save(update_fields=["ended_at", "ended_by", "ended_because"])


def _insert(offer: Offer, field: str, value: Value, **fields: Any) -> Override:
    tracked = getattr(offer, field)
    values = columns(field, value) | columns(field, tracked, prefix="tracked_")
    try:
        with transaction.atomic():
            return Override.objects.create(offer=offer, field=field, created_at=clock.now(), **values, **fields)
    except IntegrityError:
        # Another client of the database doesn't take our lock; the index holds for everybody.
        raise Conflict(_("Somebody else overrides this at this very moment. Look at the offer again.")) from None


def _overtaken(offer: Offer, held: Override | None) -> Conflict:
    if held is None:
        return Conflict(_("The override that you saw has ended meanwhile. Look at what is shown now, and decide again."))
    return Conflict(
        _("%(who)s has overridden it meanwhile: %(value)s, because “%(reason)s”. Look at it, and decide again.")
        % {"who": held.created_by, "value": said(value_of(held), offer.currency) or _("none"), "reason": held.reason}
    )


def _why_ended(override: Override) -> str:
    because = Override.Ended(override.ended_because) if override.ended_because else Override.Ended.EXPIRED
    return f"{because.label} ({override.ended_by})" if override.ended_by else str(because.label)


def _record_expired(actor: Actor, offers: dict[int, Offer], ended: Sequence[Override], changes: dict[str, tuple[str | None, str | None]]) -> None:
    one = next(iter(offers.values())) if len(offers) == 1 else None
    record(
        actor=actor, action_type=CatalogAction.UPSERT_OFFER, entity_type="offer", entity_id=one.pk if one else "", entity_label=str(one or ""),
        reason=ngettext("%(n)d override ended by its own time.", "%(n)d overrides ended by their own time.", len(ended)) % {"n": len(ended)},
        changes=changes,
    )  # fmt: skip

"""What the page of one offer shows beside its layers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from audit import registry
from audit.models import AuditLog
from audit.queries import for_entity
from catalog.models import Alert, Offer
from catalog.queries.override import Layer, history_of

SHOWN = 10
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Held:
    """A reading that waits: how far it is from the tracked price, in per cent, None where none is known."""

    price: int
    percent: int | None

    @property
    def percent_off(self) -> int:
        return -(self.percent or 0)


@dataclass(frozen=True, slots=True)
class Act:
    """A row of the audit log as a line; `changes`: (field, before, after)."""

    row: AuditLog
    what: str
    changes: Sequence[tuple[str, str, str]]


def found_offer(offer_id: int) -> Offer:
    """Raises Http404."""
    offer = Offer.objects.select_related("product", "store").filter(pk=offer_id).first()
    if offer is None:
        raise Http404
    return offer


def held_of(offer: Offer) -> Held | None:
    if offer.held_at is None or offer.held_price is None:
        return None
    return Held(offer.held_price, round((offer.held_price - offer.price) * 100 / offer.price) if offer.price else None)


def alerts_of(offer: Offer) -> int:
    """How many active alerts are on its product, COUNTED at most."""
    return Alert.objects.filter(product_id=offer.product_id, status=Alert.Status.ACTIVE).order_by()[:COUNTED].count()


def acts_on(offer: Offer) -> list[Act]:
    return [Act(row, registry.label(row.action_type), _changes_of(row)) for row in for_entity("offer", offer.pk)[:SHOWN]]


def _changes_of(row: AuditLog) -> list[tuple[str, str, str]]:
    """What a person wants to see of them at a glance; the row's own page has them all."""
    pairs = [(field, _side(pair[0]), _side(pair[1])) for field, pair in row.changes.items() if field != "version" and not field.endswith("_override")]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _side(value: object) -> str:
    return _("nothing") if value in (None, "") else str(value)


def ended_of(offer: Offer, layers: Sequence[Layer]) -> list[Layer]:
    """The newest overrides that hold no more."""
    held = {layer.override.pk for layer in layers if layer.override}
    return [Layer(offer, one.field, one) for one in history_of(offer).exclude(pk__in=held)[:SHOWN]]

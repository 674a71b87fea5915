"""What of billing waits for a person, for a review. Nothing here looks at more than so many rows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, IntegerField, Value, When

from billing.models import Finding, WebhookEvent
from billing.states import EventState, FindingKind

# The money of a person first, then what the product gives away, then what only the books disagree about.
WORST_FIRST = (
    FindingKind.PAID_WITHOUT_PLAN, FindingKind.PAID_TWICE, FindingKind.PAYMENT_WITHOUT_CHECKOUT, FindingKind.REFUNDED_WITH_PLAN,
    FindingKind.PLAN_WITHOUT_PAYMENT, FindingKind.AMOUNT_DIFFERS, FindingKind.CURRENCY_DIFFERS, FindingKind.PROVIDER_DIFFERS,
    FindingKind.STATE_DIFFERS, FindingKind.EVENT_WITHOUT_EFFECT, FindingKind.PRODUCT_NOT_TOLD,
)  # fmt: skip
LOOKED_THROUGH = 1_000


def worst_open() -> Finding | None:
    """Of the open findings that nobody has handled the one that harms most; of equal ones that of most money, then the oldest."""
    open_ones = Finding.objects.filter(closed_at=None, handled_at=None).values("pk")[:LOOKED_THROUGH]
    rank = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(WORST_FIRST)), default=Value(99), output_field=IntegerField())
    found = Finding.objects.filter(pk__in=open_ones).select_related("checkout")
    return found.order_by(rank, F("amount").desc(nulls_last=True), "since", "pk").first()


@dataclass(frozen=True, slots=True)
class ForPerson:
    """Events that need a person. `oldest` is the number of the first of them, `event_id` its name at the provider."""

    count: int
    since: datetime | None = None
    oldest: int = 0
    event_id: str = ""


def events_for_person(most: int) -> ForPerson:
    """Two statements. The count stops at `most`."""
    waiting = WebhookEvent.objects.filter(state=EventState.PERSON)
    oldest = waiting.order_by("received_at", "id").values_list("received_at", "pk", "event_id").first()
    return ForPerson(len(waiting.values_list("pk")[:most]), *oldest) if oldest else ForPerson(0)

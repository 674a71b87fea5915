"""Lists of webhook events. Whatever is asked for, no page reads more than so many rows, at any number of events."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from billing.effects import EffectKind, EffectReason
from billing.models import WebhookEvent
from billing.states import EventState, ProviderName
from opsportal import clock

ORDER = ("received_at", "id")
# Filters without an index look through so many events at most, the newest first; the page says how far back that is.
LOOKED_THROUGH = 20_000
MOST_COUNTED = 1_000
# “200 without effect” is a finding where a plan could have been meant: money came, and no plan of it.
WITHOUT_EFFECT = "without"
# Received, or waiting for the next try.
OWED = "owed"
TELLING_REASONS = (
    EffectReason.NO_CHECKOUT, EffectReason.NO_CUSTOMER, EffectReason.NO_PLAN, EffectReason.AMOUNT_DIFFERS, EffectReason.CURRENCY_DIFFERS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to. `text`: a whole id, of an event, of what it is about, or of a checkout of ours. `before`: nothing newer."""

    provider: str = ""
    state: str = ""
    effect: str = ""
    event_type: str = ""
    text: str = ""
    before: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether an index leads straight to what is wanted."""
        return bool(self.text) or self.state in (EventState.PERSON, EventState.RECEIVED, EventState.WAITING, OWED)


@dataclass(frozen=True, slots=True)
class Found:
    """`since`: how far back was looked, where that is not the beginning."""

    events: QuerySet[WebhookEvent]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Exact up to MOST_COUNTED. `next_at`: when the first of those that wait is tried again."""

    person: int
    under_way: int
    next_at: datetime | None
    oldest_at: datetime | None


def find_events(wanted: Wanted) -> Found:
    events = _narrowed(wanted)
    since = None
    if not wanted.is_narrow and (wanted.provider or wanted.state or wanted.effect or wanted.event_type):
        since = _looked_back_to(wanted.before)
    if wanted.before:
        events = events.filter(received_at__lt=wanted.before)
    if since:
        events = events.filter(received_at__gte=since)
    return Found(events.defer("body", "headers").select_related("checkout"), since)


def _narrowed(wanted: Wanted) -> QuerySet[WebhookEvent]:
    events = WebhookEvent.objects.all()
    for name, value in (("provider", wanted.provider), ("event_type", wanted.event_type)):
        if value:
            events = events.filter(**{name: value})
    if wanted.state:
        events = events.filter(state__in=[EventState.RECEIVED, EventState.WAITING] if wanted.state == OWED else [wanted.state])
    if wanted.effect == WITHOUT_EFFECT:
        events = events.filter(effect=EffectKind.NONE, effect_reason__in=TELLING_REASONS)
    elif wanted.effect:
        events = events.filter(effect=wanted.effect)
    return events.filter(pk__in=_named(wanted.text)) if wanted.text else events


def _named(text: str) -> list[int]:
    """Each by its index; MOST_COUNTED at most."""
    by_event = Q(provider__in=ProviderName.values, event_id=text)
    ways = [by_event, Q(object_id=text) & ~Q(object_id=""), Q(checkout__isnull=False, checkout__checkout_id=text)]
    if text.isascii() and text.isdigit() and len(text) < 19:
        ways.append(Q(pk=int(text)))
    found: set[int] = set()
    for way in ways:
        found.update(WebhookEvent.objects.filter(way).order_by("-received_at").values_list("pk", flat=True)[:MOST_COUNTED])
    return list(found)


def _looked_back_to(before: datetime | None) -> datetime | None:
    newest = WebhookEvent.objects.filter(received_at__lt=before) if before else WebhookEvent.objects.all()
    return newest.order_by("-received_at", "-id").values_list("received_at", flat=True)[LOOKED_THROUGH : LOOKED_THROUGH + 1].first()


def to_replay(wanted: Wanted, most: int) -> list[int]:
    """The oldest first, so that what was put off longest comes first."""
    return list(find_events(wanted).events.order_by("received_at", "id").values_list("pk", flat=True)[:most])


def waiting() -> Waiting:
    person = len(WebhookEvent.objects.filter(state=EventState.PERSON).values_list("pk")[:MOST_COUNTED])
    owed = WebhookEvent.objects.filter(state__in=[EventState.RECEIVED, EventState.WAITING]).order_by("next_at")
    rows = list(owed.values_list("next_at", "received_at")[:MOST_COUNTED])
    return Waiting(person, len(rows), rows[0][0] if rows else None, min((received for _next, received in rows), default=None))


def is_claimed(event: WebhookEvent) -> bool:
    """Whether a worker is at it right now."""
    return event.claimed_until is not None and event.claimed_until > clock.now()


def types_seen(days: int = 30) -> list[str]:
    """Types among the newest events, for the filter."""
    since = clock.now() - timedelta(days=days)
    newest = WebhookEvent.objects.filter(received_at__gte=since).order_by("-received_at", "-id").values_list("event_type", flat=True)[:2000]
    return sorted(set(newest))

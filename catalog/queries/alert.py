from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Alert, AlertEvent
from catalog.queries.searching import matching
from notify.models import Message, State
from opsportal import clock

ORDER = ("created_at", "id")
MOST_COUNTED = 1000
# The outbox removes what was sent after 30 days.
RECENT = timedelta(days=1)

# What became of an event's message: tone and word.
WORDS: dict[str, tuple[str, Promise]] = {
    "sent": ("ok", _("sent")),
    "waiting": ("unknown", _("waiting")),
    "failed": ("fail", _("failed")),
    "aside": ("off", _("set aside")),
    "no_destination": ("fail", _("not sent: no destination “push”")),
    "gone": ("ok", _("finished, removed after 30 days")),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event and what became of its message."""

    event: AlertEvent
    code: str
    message: Message | None

    @property
    def tone(self) -> str:
        return WORDS[self.code][0]

    @property
    def word(self) -> str:
        return str(WORDS[self.code][1])


def find_alerts(*, text: str = "", status: str = "", channel: str = "", household: Any = None, undelivered: bool = False) -> QuerySet[Alert]:
    """For keyset pages by ORDER."""
    found = Alert.objects.select_related("household", "product")
    exact = {"status": status, "channel": channel, "household": household}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if text.strip():
        found = found.filter(matching(text, "product__search"))
    return found.filter(Exists(undelivered_events().filter(alert=OuterRef("pk")))) if undelivered else found


def undelivered_events() -> QuerySet[AlertEvent]:
    """Those nobody has heard of: no destination yet, waiting, given up, or set aside."""
    unsent = Message.objects.filter(pk=OuterRef("message_id")).exclude(state=State.SENT)
    return AlertEvent.objects.filter(Q(message_id=None) | Exists(unsent))


def with_delivery(events: Sequence[AlertEvent]) -> list[Delivery]:
    """One query for any number of events."""
    messages = Message.objects.select_related("destination").in_bulk([event.message_id for event in events if event.message_id])
    return [_delivery(event, messages.get(event.message_id) if event.message_id else None) for event in events]


def deliveries_of(alerts: Sequence[Alert]) -> list[tuple[Alert, Delivery | None]]:
    """Each alert with its newest event; two queries for any number."""
    newest = AlertEvent.objects.filter(alert__in=alerts).order_by("alert", "-crossing").distinct("alert")
    found = {delivery.event.alert_id: delivery for delivery in with_delivery(list(newest))}
    return [(alert, found.get(alert.pk)) for alert in alerts]


def newest_events(alert: Alert, most: int) -> list[Delivery]:
    return with_delivery(list(alert.events.select_related("offer__store", "offer__product").order_by("-crossing")[:most]))


@dataclass(frozen=True, slots=True)
class Figures:
    """Alerts that are looked at, and what became of the events of the last 24 hours; each MOST_COUNTED at most."""

    active: int
    sent: int
    waiting: int
    failed: int


def figures() -> Figures:
    recent = list(AlertEvent.objects.filter(at__gt=clock.now() - RECENT).order_by("-at")[:MOST_COUNTED])
    codes = [delivery.code for delivery in with_delivery(recent)]
    active = len(Alert.objects.filter(status=Alert.Status.ACTIVE).values_list("pk")[:MOST_COUNTED])
    return Figures(active, codes.count("sent"), codes.count("waiting"), codes.count("failed") + codes.count("no_destination"))


def _delivery(event: AlertEvent, message: Message | None) -> Delivery:
    if event.message_id is None:
        return Delivery(event, "no_destination", None)
    if message is None:
        return Delivery(event, "gone", None)
    codes = {State.SENT: "sent", State.WAITING: "waiting", State.DEAD: "failed", State.ASIDE: "aside"}
    return Delivery(event, codes[State(message.state)], message)

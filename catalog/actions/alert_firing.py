from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.actions import record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.alert_message import owe
from catalog.models import Alert, AlertEvent
from catalog.queries.best import Best, best_for_alerts
from opsportal import clock


@transaction.atomic
def fire_alerts(*, actor: Actor, alert_ids: Sequence[UUID]) -> list[AlertEvent]:
    """Look at the alerts, and fire those whose price has come under their line: once for each crossing, with the message it owes.

    Without a price that may be spoken of (sold out, not confirmed, risky) an alert stays as it is: that is no crossing either way. One that
    crosses again within its silence fires when that is over, if the price is still under the line. Leaves one audit row where something
    fired, else none. Returns the events.
    """
    alerts = Alert.objects.select_for_update(of=("self",)).select_related("household", "product").order_by("pk")
    found = list(alerts.filter(pk__in=alert_ids, status=Alert.Status.ACTIVE, household__status="active"))
    best, now = best_for_alerts(found), clock.now()
    fired = [alert for alert in found if _fires(alert, best.get(alert.pk), now)]
    Alert.objects.bulk_update(found, ["is_below", "crossings", "fired_at", "looked_at"])
    events = [_event(alert, best[alert.pk], now) for alert in fired]
    for event in AlertEvent.objects.bulk_create(events):
        owe(event, best[event.alert_id])
    if events:
        _record(actor, events)
    return events


def _fires(alert: Alert, best: Best | None, now: datetime) -> bool:
    """Whether it fires; moves its state."""
    alert.looked_at = now
    if best is None:
        return False
    was_below, is_below = alert.is_below, best.price <= alert.line
    if was_below or not is_below:
        alert.is_below = is_below
        return False
    if alert.fired_at is not None and now < alert.fired_at + timedelta(hours=alert.cooldown_hours):
        return False
    alert.is_below, alert.fired_at, alert.crossings = True, now, alert.crossings + 1
    return True


def _event(alert: Alert, best: Best, now: datetime) -> AlertEvent:
    return AlertEvent(alert=alert, crossing=alert.crossings, offer_id=best.offer_id, price=best.price, at=now)


def _record(actor: Actor, events: Sequence[AlertEvent]) -> None:
    label = str(events[0].alert.product) if len(events) == 1 else ""
    record(
        actor=actor, action_type=CatalogAction.FIRE_ALERT, entity_type="alert", entity_id=events[0].alert_id if len(events) == 1 else "",
        entity_label=label, changes={"fired": (None, len(events)), "alerts": (None, [str(event.alert_id) for event in events])},
    )  # fmt: skip

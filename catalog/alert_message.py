"""What a fired alert owes to the outside: a push to the product, or a mail to the household."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from beta.models import Household
from catalog.models import Alert, AlertEvent
from catalog.queries.best import Best
from notify.actions import enqueue_email, enqueue_webhook
from notify.models import Destination, Message
from opsportal import money
from opsportal.errors import NotFound

TOPIC = "price_alert"
# The destination that carries pushes; people add it under Outbox.
PUSH = "push"
MOST_AT_ONCE = 500


def owe(event: AlertEvent, best: Best) -> None:
    """Write the event's message to the outbox, in the caller's transaction. Without a destination for pushes the event stays without one,
    and is listed so; owe_waiting() comes back to it."""
    key = f"alert:{event.alert_id}:{event.crossing}"
    try:
        message = _mail(event, best, key) if event.alert.channel == Alert.Channel.EMAIL else _push(event, best, key)
    except NotFound:
        return
    event.message_id = message.pk
    event.save(update_fields=["message_id"])


@transaction.atomic
def owe_waiting(most: int = MOST_AT_ONCE) -> int:
    """For the sweep: the messages of the events that had no destination, once there is one, oldest first. Returns how many.

    A household that was removed meanwhile hears nothing any more.
    """
    if not Destination.objects.filter(name=PUSH, channel="webhook").exists():
        return 0
    waiting = AlertEvent.objects.filter(message_id=None, alert__household__status=Household.Status.ACTIVE)
    waiting = waiting.select_related("alert__household", "alert__product", "offer__store").order_by("at", "pk")
    events = list(waiting.select_for_update(of=("self",), skip_locked=True)[:most])
    for event in events:
        offer = event.offer
        # What was said to the household is what held when it fired.
        owe(event, Best(offer.pk, event.price, event.alert.currency, str(offer.store), str(offer), offer.bucket, offer.url))
    return len(events)


def _push(event: AlertEvent, best: Best, key: str) -> Message:
    alert = event.alert
    payload: dict[str, Any] = {
        "type": TOPIC, "alert_id": alert.pk, "crossing": event.crossing, "fired_at": event.at,
        "household_id": alert.household_id, "household_key": alert.household.household_key,
        "product_id": alert.product_id, "product": alert.product.name, "offer_id": best.offer_id, "title": best.title, "store": best.store,
        "url": best.url, "price": best.price, "line": alert.line, "currency": best.currency, "bucket": best.bucket,
    }  # fmt: skip
    return enqueue_webhook(destination=PUSH, topic=TOPIC, payload=payload, key=key)


def _mail(event: AlertEvent, best: Best, key: str) -> Message:
    alert = event.alert
    words = {
        "product": alert.product.name, "store": best.store, "url": best.url,
        "price": money.in_words(best.price, best.currency), "line": money.in_words(alert.line, best.currency),
    }  # fmt: skip
    subject = _("%(product)s for %(price)s") % words
    body = _("%(product)s costs %(price)s at %(store)s now. You asked to hear of it at %(line)s or less.\n\n%(url)s\n") % words
    return enqueue_email(topic=TOPIC, subject=subject, body=body, key=key, to=alert.household.email)

"""The sample's price alerts: what households want to hear of, what has fired, and two pushes of this morning that nobody has received."""

import json
from datetime import datetime, timedelta

from audit.actors import Actor
from beta.models import Household
from catalog.action_types import CatalogAction
from catalog.alert_message import PUSH, TOPIC
from catalog.fields import said
from catalog.models import Alert, AlertEvent, Offer
from catalog.queries.best import best_for
from notify.actions import create_destination
from notify.models import Attempt, Destination, Message, State
from notify.schedule import MOST_ATTEMPTS
from opsportal import money
from sandbox.calendar import stable
from sandbox.diary import Diary
from sandbox.shops.chance import between

ALERTS = 36
# Which alert fired when, in the order of the households.
FIRED = ((1, 2, "10:15"), (4, 2, "19:00"), (7, 3, "08:30"), (10, 3, "13:45"), (13, 4, "09:30"), (16, 4, "12:15"), (19, 4, "17:00"), (22, 5, "07:15"),
         (26, 5, "08:30"), (32, 5, "08:30"))  # fmt: skip
# Pushes of these alerts wait: the gateway is away.
WAITING = (26, 32)
TRIES, AWAY = 5, "The destination answered 503."
EVALUATOR = Actor.system("alert-evaluator")


def load(diary: Diary, households: list[Household], offers: list[Offer], product: Actor, gateway: str) -> None:
    """`gateway`: where pushes go."""
    with diary.on(0, "11:45"):
        made = create_destination(
            actor=diary.people["diego"], name=PUSH, channel="webhook", address=gateway, reason="The product's gateway carries pushes."
        ).destination
    Destination.objects.filter(pk=made.pk).update(created_at=diary.calendar.at(0, "11:45"))
    fired = {number for number, _day, _clock in FIRED}
    alerts = [
        _alert(diary, number, household, offers[number * 5 % len(offers)], number in fired) for number, household in enumerate(households[:ALERTS])
    ]
    Alert.objects.bulk_create(alerts)
    for alert in alerts:
        changes = {"product": (None, alert.product.name), "line": (None, said(alert.line, alert.currency)), "channel": (None, alert.channel)}
        label = f"{alert.product.name} · {alert.household}"
        diary.note(
            alert.created_at, product, CatalogAction.UPSERT_ALERT, entity_type="alert", entity_id=alert.pk, entity_label=label, changes=changes
        )
    for number, day, clock in FIRED:
        _fire(diary, alerts[number], offers[number * 5 % len(offers)], diary.calendar.at(day, clock), waits=number in WAITING, destination=made)


def _alert(diary: Diary, number: int, household: Household, offer: Offer, fired: bool) -> Alert:
    """Made an hour after the household came."""
    best = None if fired or number % 3 else best_for(household.pk, offer.product_id, offer.currency)
    # What has fired stays under its line until the price rises again.
    line = round((offer.price or 1) * (between(1.05, 1.2, "line", number) if fired else between(0.7, 0.9, "line", number)))
    return Alert(
        id=stable("alert", household.household_key), household=household, product=offer.product, channel=("push", "email")[number % 2],
        created_at=(household.seated_at or diary.calendar.now) + timedelta(hours=1), target_price=None if best else line,
        drop_percent=10 + number % 4 * 5 if best else None, base_price=best.price if best else None, is_below=fired, crossings=int(fired),
    )  # fmt: skip


def _fire(diary: Diary, alert: Alert, offer: Offer, at: datetime, *, waits: bool, destination: Destination) -> None:
    is_push = alert.channel == Alert.Channel.PUSH
    price = money.in_words(offer.price or 0, offer.currency)
    body = {"type": TOPIC, "household_key": alert.household.household_key, "product": alert.product.name, "price": offer.price, "url": offer.url}
    message = Message.objects.create(
        id=stable("message", alert.pk), created_at=at, key=f"alert:{alert.pk}:1", channel="webhook" if is_push else "email", topic=TOPIC,
        destination=destination if is_push else None, address="" if is_push else alert.household.email, told_at=at,
        subject="" if is_push else f"{alert.product.name} for {price}", body=json.dumps(body, ensure_ascii=False) if is_push else offer.url,
        state=State.WAITING if waits else State.SENT, attempts=TRIES if waits else 1, allowed=MOST_ATTEMPTS,
        next_at=diary.calendar.now + timedelta(minutes=9) if waits else at, finished_at=None if waits else at + timedelta(seconds=1),
        error=AWAY if waits else "",
    )  # fmt: skip
    Attempt.objects.bulk_create(_attempt(message, number, at, diary.calendar.now, waits=waits) for number in range(1, message.attempts + 1))
    Alert.objects.filter(pk=alert.pk).update(fired_at=at, looked_at=at)
    AlertEvent.objects.create(alert=alert, crossing=1, offer=offer, price=offer.price or 1, at=at, message_id=message.pk)
    changes = {"fired": (None, 1), "alerts": (None, [str(alert.pk)])}
    diary.note(at, EVALUATOR, CatalogAction.FIRE_ALERT, entity_type="alert", entity_id=alert.pk, entity_label=alert.product.name, changes=changes)


def _attempt(message: Message, number: int, at: datetime, now: datetime, *, waits: bool) -> Attempt:
    """Those of a push that waits are spread from its making until a moment ago."""
    began = at + (now - at) * (number - 1) / TRIES if waits else at
    return Attempt(
        message=message, number=number, began_at=began, ended_at=min(began + timedelta(milliseconds=212), now), milliseconds=212, ok=not waits,
        status=503 if waits else 200 if message.channel == "webhook" else None, error=AWAY if waits else "",
    )  # fmt: skip

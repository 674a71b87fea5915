import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from notify import channels, schedule, telling
from notify.models import Destination, Message
from notify.sealing import seal
from opsportal import clock
from opsportal.errors import Invalid, NotFound

LONGEST_BODY = 64 * 1024
LONGEST_KEY = 200
LONGEST_TOPIC = 60
LONGEST_SUBJECT = 300


def enqueue(
    *,
    channel: str,
    key: str,
    topic: str,
    body: str,
    subject: str = "",
    destination: str = "",
    address: str = "",
    is_secret: bool = False,
) -> Message:
    """Owe a message to the outside, in the caller's transaction: it will be delivered exactly if that commits.

    `destination` is the name of one on the page of destinations; `address` is for a message to one person. The same `key`
    again makes no second message: the first one is returned as it is. `is_secret` keeps the body encrypted, off every page,
    and empties it once the message is finished.

    Not an act of its own, so it writes no audit row: the act that owes it does. Raises RuntimeError outside a transaction,
    NotFound (no_destination) for a destination that is not there, Invalid for an empty key or a body above 64 KB.
    A destination that is turned off keeps its messages waiting.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("enqueue() belongs inside the transaction of the act that owes the message.")
    _check(key, topic, body)
    now = clock.now()
    message = Message(
        key=key, channel=channel, topic=topic, subject=" ".join(subject.split())[:LONGEST_SUBJECT], body=seal(body) if is_secret else body,
        destination=_destination(destination, channel) if destination else None, address=address, is_secret=is_secret,
        allowed=schedule.MOST_ATTEMPTS, next_at=now, told_at=now,
    )  # fmt: skip
    if channels.get(channel) is None:
        raise Invalid(_("There is no channel “%(channel)s”.") % {"channel": channel}, field="channel")
    if not destination and not address:
        raise Invalid(_("A message needs a destination or an address."), field="destination")
    # Two transactions with one key: the second waits here for the first, and then finds its row.
    Message.objects.bulk_create([message], ignore_conflicts=True)
    kept = Message.objects.get(key=key)
    if kept.pk == message.pk:
        telling.tell_on_commit([message.pk])
    return kept


def enqueue_webhook(*, destination: str, topic: str, payload: Mapping[str, Any], key: str) -> Message:
    """Owe a signed JSON webhook to a destination. Raises what enqueue() does, and TypeError for what JSON can't hold."""
    body = json.dumps(payload, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return enqueue(channel="webhook", key=key, topic=topic, body=body, destination=destination)


def enqueue_email(*, topic: str, subject: str, body: str, key: str, to: str = "", destination: str = "", is_secret: bool = False) -> Message:
    """Owe a plain-text mail, to one address or to a destination. Raises what enqueue() does."""
    return enqueue(channel="email", key=key, topic=topic, subject=subject, body=body, address=to, destination=destination, is_secret=is_secret)


def _check(key: str, topic: str, body: str) -> None:
    if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(_("A message needs a key of 1 to 200 plain characters."), field="key")
    if not topic or len(topic) > LONGEST_TOPIC:
        raise Invalid(_("A message needs a topic of 1 to 60 characters."), field="topic")
    if "\x00" in body or len(body.encode("utf-8", "surrogatepass")) > LONGEST_BODY:
        raise Invalid(_("The message is larger than 64 KB, or holds what can't be stored."), field="body")


def _destination(name: str, channel: str) -> Destination:
    found = Destination.objects.filter(name=name, channel=channel).first()
    if found is None:
        detail = _("There is no destination “%(name)s” for the channel “%(channel)s”. Add it under Outbox.") % {"name": name, "channel": channel}
        raise NotFound(detail, code="no_destination")
    return found

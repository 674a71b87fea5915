import random
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from notify import channels, schedule, telling
from notify.channels import Outcome, Parcel
from notify.models import Attempt, Destination, Message, State
from notify.queries import live_secrets
from notify.sealing import Unreadable, unseal
from opsportal import clock

log = structlog.get_logger(__name__)

# Longer than any channel takes at worst. A worker that dies keeps its message from others for so long.
CLAIM = timedelta(seconds=120)
# A worker that was told and did nothing in this time is taken for lost, or its broker was.
TELL_AGAIN = timedelta(seconds=120)
# Up to here Celery waits for the next try; beyond, the sweep finds it when it is due.
SOON = timedelta(minutes=5)
# A destination that hangs must not hang every worker: when so many wait for its answer for so long, its other messages step aside.
MOST_HANGING = 2
PATIENCE = timedelta(seconds=3)
STEP_ASIDE = (10.0, 45.0)
LONGEST_ANSWER = 2048
LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Tally:
    """What a round of deliveries came to."""

    sent: int = 0
    failed: int = 0


def deliver_message(*, message_id: UUID | str) -> bool | None:
    """Try to deliver one message now. True: sent; False: it failed and waits or is dead; None: there was nothing to do.

    Claims it with one conditional UPDATE, sends outside of any transaction, and records “sent” only after that. A worker that
    dies in between leaves its claim to expire; the next one sends again with the same idempotency key.
    """
    message = None if _stepped_aside(message_id) else _claim(message_id)
    if message is None:
        return None
    began = clock.now()
    outcome = _send(message)
    _record(message, outcome, milliseconds=round((clock.now() - began).total_seconds() * 1000))
    return outcome.ok


def deliver_due(*, limit: int = 100) -> Tally:
    """Deliver what is due, here and now, oldest first: for when no worker does."""
    results = [deliver_message(message_id=pk) for pk in _due().order_by("next_at").values_list("pk", flat=True)[:limit]]
    return Tally(sent=results.count(True), failed=results.count(False))


@transaction.atomic
def requeue_due(*, limit: int = 500) -> int:
    """For the sweep: tell a worker of due messages whose task was lost, oldest first. Returns how many were found.

    A message whose last try ended with its worker is declared dead here.
    """
    now = clock.now()
    lost = Message.objects.filter(state=State.WAITING, attempts__gte=F("allowed"), claimed_until__lt=now)
    lost.update(state=State.DEAD, finished_at=now, claimed_until=None, error=_("Every try ended with its worker; it was never answered."))
    untold = _due().filter(Q(told_at=None) | Q(told_at__lt=now - TELL_AGAIN)).order_by("next_at")
    found = list(untold.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:limit])
    Message.objects.filter(pk__in=found).update(told_at=now)
    telling.tell_on_commit(found)
    return len(found)


def _due() -> QuerySet[Message]:
    """Waiting, due, held by nobody, tries left. No joins: as the WHERE of an UPDATE it is checked again after waiting for another's."""
    now = clock.now()
    turned_off = Destination.objects.filter(pk=OuterRef("destination"), is_on=False)
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return Message.objects.filter(free, ~Exists(turned_off), state=State.WAITING, next_at__lte=now, attempts__lt=F("allowed"))


def _stepped_aside(message_id: UUID | str) -> bool:
    """Whether the message was put off because its destination hangs. That costs it no try."""
    now = clock.now()
    hanging = Message.objects.filter(
        destination=Message.objects.filter(pk=message_id).values("destination")[:1], claimed_until__gt=now, claimed_until__lt=now + CLAIM - PATIENCE
    )
    if len(hanging.values_list("pk")[:MOST_HANGING]) < MOST_HANGING:
        return False
    wait = timedelta(seconds=random.uniform(*STEP_ASIDE))  # noqa: S311
    return _due().filter(pk=message_id).update(next_at=now + wait, told_at=None) == 1


@transaction.atomic
def _claim(message_id: UUID | str) -> Message | None:
    now = clock.now()
    if _due().filter(pk=message_id).update(claimed_until=now + CLAIM, attempts=F("attempts") + 1) != 1:
        return None
    message = Message.objects.select_related("destination").get(pk=message_id)
    Attempt.objects.create(message=message, number=message.attempts, began_at=now)
    return message


def _send(message: Message) -> Outcome:
    channel = channels.get(message.channel)
    if channel is None:
        return Outcome(False, error=_("The portal has no channel “%(channel)s” any more.") % {"channel": message.channel}, again=False)
    try:
        return channel.send(_parcel(message))
    except Unreadable:
        error = _("Its secret was encrypted under a SECRET_KEY that the portal does not have any more. Make a new one.")
        return Outcome(False, error=error, again=False)
    except Exception as error:
        # A mistake of ours must not lose the message, nor keep it claimed.
        log.exception("message_not_sent", message_id=str(message.pk))
        return Outcome(False, error=f"{type(error).__name__}: {error}")


def _parcel(message: Message) -> Parcel:
    destination = message.destination
    secrets: tuple[str, ...] = ()
    if destination is not None:
        secrets = tuple(unseal(secret.sealed) for secret in live_secrets(destination))
    return Parcel(
        message_id=str(message.pk), key=message.key, topic=message.topic, subject=message.subject, secrets=secrets,
        address=message.address or (destination.address if destination else ""), body=unseal(message.body) if message.is_secret else message.body,
    )  # fmt: skip


@transaction.atomic
def _record(message: Message, outcome: Outcome, *, milliseconds: int) -> None:
    now = clock.now()
    Attempt.objects.filter(message=message, number=message.attempts).update(
        ended_at=now, milliseconds=milliseconds, ok=outcome.ok, status=outcome.status, error=_storable(outcome.error, LONGEST_ERROR),
        answer=_storable(outcome.answer, LONGEST_ANSWER),
    )  # fmt: skip
    log.info("message_sent" if outcome.ok else "message_failed", message_id=str(message.pk), attempt=message.attempts, status=outcome.status)
    if outcome.ok:
        _record_sent(message)
    elif outcome.again and message.attempts < message.allowed:
        _put_off(message, outcome)
    else:
        # `attempts` is the fencing token: who lost the claim decides nothing, except that sent is sent.
        held = Message.objects.filter(pk=message.pk, state=State.WAITING, attempts=message.attempts)
        held.update(state=State.DEAD, finished_at=now, claimed_until=None, error=_storable(outcome.error, LONGEST_ERROR))


def _record_sent(message: Message) -> None:
    emptied = {"body": ""} if message.is_secret else {}
    Message.objects.filter(pk=message.pk).exclude(state=State.SENT).update(
        state=State.SENT, finished_at=clock.now(), claimed_until=None, error="", **emptied
    )


def _put_off(message: Message, outcome: Outcome) -> None:
    failures = message.attempts - (message.allowed - schedule.MOST_ATTEMPTS)
    wait = schedule.delay(failures, retry_after=outcome.retry_after)
    next_at = clock.now() + wait
    held = Message.objects.filter(pk=message.pk, state=State.WAITING, attempts=message.attempts)
    error, soon = _storable(outcome.error, LONGEST_ERROR), wait <= SOON
    if held.update(next_at=next_at, claimed_until=None, error=error, told_at=next_at if soon else None) and soon:
        transaction.on_commit(lambda: telling.tell([message.pk], after=wait), robust=True)


def _storable(text: str, most: int) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]

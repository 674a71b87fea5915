from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from notify import queries, schedule, telling
from notify.action_types import NotifyAction
from notify.models import Message, State
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

MOST_AT_ONCE = 500


@transaction.atomic
def retry_message(*, actor: Actor, message_id: UUID | str, reason: str = "") -> Message:
    """Try a message again now: a dead one or one set aside from its first try on, a waiting one without waiting longer.

    Raises Conflict for one that is sent, is being sent, or whose secret text is removed; NotFound for one that is not there.
    """
    message = _locked(message_id)
    _check_can_retry(message)
    state, next_at = message.state, message.next_at
    _due_now(Message.objects.filter(pk=message.pk))
    telling.tell_on_commit([message.pk])
    message.refresh_from_db()
    changes = {"next_at": (next_at, message.next_at)} if state == State.WAITING else {"state": (state, message.state)}
    _record(actor, NotifyAction.RETRY_MESSAGE, message, reason, changes)
    return message


@transaction.atomic
def retry_messages(*, actor: Actor, channel: str = "", topic: str = "", destination: str = "", reason: str = "") -> int:
    """Try dead messages again, oldest first, 500 at once: all whose text is still there, or those of a channel, topic and destination.

    Raises Conflict (nothing_dead) where there is none. Returns how many.
    """
    dead = queries.can_be_retried(channel=channel, topic=topic, destination=destination)
    found = list(dead.order_by("created_at", "pk").select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not found:
        raise Conflict(_("No dead message is left to try again."), code="nothing_dead")
    _due_now(Message.objects.filter(pk__in=found))
    telling.tell_on_commit(found)
    changes: dict[str, tuple[object, object]] = {"messages": (None, len(found)), "state": (State.DEAD, State.WAITING)}
    changes |= {name: (None, value) for name, value in (("channel", channel), ("topic", topic), ("destination", destination)) if value}
    record(actor=actor, action_type=NotifyAction.RETRY_MESSAGES, entity_type="message", reason=reason, changes=changes)
    return len(found)


@transaction.atomic
def set_message_aside(*, actor: Actor, message_id: UUID | str, reason: str) -> Message:
    """Give a message up: it is not tried again unless somebody says so. What a worker is sending right now still goes out.

    Raises Invalid without a reason, Conflict for one that is sent or set aside already.
    """
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason")
    message = _locked(message_id)
    if message.state in (State.SENT, State.ASIDE):
        raise Conflict(_("This message is %(state)s already.") % {"state": message.get_state_display()}, code="finished")
    before, message.state, message.finished_at, message.claimed_until = message.state, State.ASIDE, clock.now(), None
    if message.is_secret:
        message.body = ""
    message.save(update_fields=["state", "finished_at", "claimed_until", "body"])
    _record(actor, NotifyAction.SET_MESSAGE_ASIDE, message, reason, {"state": (before, message.state)})
    return message


def _due_now(messages: QuerySet[Message]) -> None:
    now = clock.now()
    messages.update(
        state=State.WAITING, finished_at=None, claimed_until=None, next_at=now, told_at=now, allowed=F("attempts") + schedule.MOST_ATTEMPTS
    )


def _check_can_retry(message: Message) -> None:
    if message.state == State.SENT:
        raise Conflict(_("This message was sent already."), code="sent")
    if message.claimed_until and message.claimed_until > clock.now():
        raise Conflict(_("This message is being sent right now."), code="being_sent")
    if message.is_secret and not message.body:
        raise Conflict(_("Its text was secret and is removed; it can't be sent any more."), code="removed")


def _locked(message_id: UUID | str) -> Message:
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise NotFound(_("There is no such message."))
    return message


def _record(actor: Actor, action_type: NotifyAction, message: Message, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=action_type, entity_type="message", entity_id=message.pk, entity_label=f"{message.topic}: {message.key}",
        reason=reason, changes=changes,
    )  # fmt: skip

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from audit.actions import record
from audit.actors import Actor
from notify.action_types import NotifyAction
from notify.models import Attempt, Message, State
from opsportal import clock

KEPT = timedelta(days=30)
# Dead ones wait for a person, but not for ever: a destination that is broken for good would gather them without end.
DEAD_KEPT = timedelta(days=90)
# A link that lets somebody in is good for three days.
SECRET_KEPT = timedelta(days=7)
MOST_REMOVED = 5000


@transaction.atomic
def purge_sent(*, actor: Actor, limit: int = MOST_REMOVED) -> int:
    """Remove messages that were sent or set aside more than 30 days ago, oldest first.

    Returns how many; leaves no audit row where there was nothing to remove.
    """
    removed = _remove(Message.objects.filter(state__in=[State.SENT, State.ASIDE], finished_at__lt=clock.now() - KEPT), limit)
    if removed:
        record(actor=actor, action_type=NotifyAction.PURGE_SENT_MESSAGES, entity_type="message", changes={"messages": (removed, 0)})
    return removed


@transaction.atomic
def purge_dead(*, actor: Actor, limit: int = MOST_REMOVED) -> int:
    """Remove messages that nobody looked after in the 90 days since they died, and secret texts 7 days after; oldest first, `limit` of each.

    Returns how many of both; leaves no audit row where there was nothing to remove.
    """
    dead, now = Message.objects.filter(state=State.DEAD), clock.now()
    removed = _remove(dead.filter(finished_at__lt=now - DEAD_KEPT), limit)
    secret = _oldest(dead.filter(is_secret=True, finished_at__lt=now - SECRET_KEPT).exclude(body=""), limit)
    emptied = Message.objects.filter(pk__in=secret).update(body="")
    if removed or emptied:
        changes = {"messages": (removed, 0), "emptied_texts": (emptied, 0)}
        record(actor=actor, action_type=NotifyAction.PURGE_DEAD_MESSAGES, entity_type="message", changes=changes)
    return removed + emptied


def _remove(old: QuerySet[Message], limit: int) -> int:
    found = _oldest(old, limit)
    Attempt.objects.filter(message__in=found).delete()
    Message.objects.filter(pk__in=found).delete()
    return len(found)


def _oldest(messages: QuerySet[Message], limit: int) -> list[UUID]:
    return list(messages.order_by("finished_at").select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])

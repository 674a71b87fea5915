"""Reading the outbox. Counts stop at MOST_COUNTED; lists are keyset pages."""

import contextlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from notify.models import Destination, Message, Secret, State
from opsportal import clock
from opsportal.masking import masked, scrubbed

MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Figures:
    """How the outbox stands. Counts are exact up to MOST_COUNTED; `oldest_at` is when the message that waits longest was written."""

    waiting: int
    dead: int
    oldest_at: datetime | None

    @property
    def oldest_wait(self) -> timedelta | None:
        return clock.now() - self.oldest_at if self.oldest_at else None


def figures() -> Figures:
    oldest = Message.objects.filter(state=State.WAITING).aggregate(at=Min("created_at"))["at"]
    return Figures(waiting=_count(Message.objects.all(), State.WAITING), dead=dead_count(), oldest_at=oldest)


def as_json(figures: Figures) -> dict[str, int | None]:
    """For programs; also for strangers, so nothing but figures."""
    wait = figures.oldest_wait
    return {"waiting": figures.waiting, "dead": figures.dead, "oldest_wait_seconds": round(wait.total_seconds()) if wait else None}


def status() -> dict[str, int | None]:
    """The part of /api/status."""
    return as_json(figures())


def dead_count() -> int:
    """Messages that wait for a person; MOST_COUNTED at most."""
    return _count(Message.objects.all(), State.DEAD)


def preview(message: Message) -> str:
    """The body as people may see it: JSON set out in lines, secrets masked; "" for a secret text."""
    if message.is_secret:
        return ""
    try:
        return json.dumps(masked(json.loads(message.body)), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return scrubbed(message.body)


def last_answer(message: Message) -> str:
    """The words of the newest answer, secrets masked; "" where none had any."""
    return scrubbed(message.tries.exclude(answer="").order_by("-number").values_list("answer", flat=True).first() or "")


def live_secrets(destination: Destination) -> QuerySet[Secret]:
    """Those that its messages are signed with now, newest first."""
    return destination.secrets.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now())).order_by("-created_at", "-pk")


def filtered(*, state: str = "", channel: str = "", topic: str = "", destination: str = "") -> QuerySet[Message]:
    """Messages that pass every filter that is given, with their destinations."""
    wanted = {"state": state, "channel": channel, "topic": topic, "destination__name": destination}
    return Message.objects.filter(**{name: value for name, value in wanted.items() if value}).select_related("destination")


def can_be_retried(**filters: str) -> QuerySet[Message]:
    """Dead messages that “try again” takes: all but those whose secret text is removed."""
    return filtered(**filters, state=State.DEAD).exclude(is_secret=True, body="")


def listed(*, q: str = "", **filters: str) -> QuerySet[Message]:
    """What the page of the outbox lists."""
    return filtered(**filters).filter(_named(q)) if q else filtered(**filters)


def retriable_count(**filters: str) -> int:
    """How many dead messages “try again” takes; MOST_COUNTED at most."""
    return len(can_be_retried(**filters).values_list("pk")[:MOST_COUNTED])


def destinations() -> QuerySet[Destination]:
    return Destination.objects.prefetch_related("secrets")


def counts_of(destination: Destination) -> Figures:
    """How one destination stands."""
    mine = Message.objects.filter(destination=destination)
    oldest = mine.filter(state=State.WAITING).aggregate(at=Min("created_at"))["at"]
    return Figures(waiting=_count(mine, State.WAITING), dead=_count(mine, State.DEAD), oldest_at=oldest)


def is_claimed(message: Message) -> bool:
    """Whether a worker is sending it right now."""
    return message.claimed_until is not None and message.claimed_until > clock.now()


def can_retry(message: Message) -> bool:
    """Whether “try again” makes sense: not sent, not being sent, and its text is still there."""
    return message.state != State.SENT and not is_claimed(message) and bool(message.body or not message.is_secret)


def find(text: str) -> QuerySet[Message]:
    """By a whole id, or by the beginning of a key; newest first."""
    return Message.objects.filter(_named(text)).order_by("-created_at", "-pk")


def _named(text: str) -> Q:
    by = Q(key__startswith=text)
    with contextlib.suppress(ValueError):
        by |= Q(pk=UUID(text))
    return by


def _count(messages: QuerySet[Message], state: State) -> int:
    return len(messages.filter(state=state).values_list("pk")[:MOST_COUNTED])

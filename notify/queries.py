"""Reading the outbox. Counts stop at MOST_COUNTED; lists are keyset pages."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from notify.models import Destination, Message, Secret, State
from opsportal import clock

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
    return Figures(waiting=_count(State.WAITING), dead=dead_count(), oldest_at=oldest)


def as_json(figures: Figures) -> dict[str, int | None]:
    """For programs; also for strangers, so nothing but figures."""
    wait = figures.oldest_wait
    return {"waiting": figures.waiting, "dead": figures.dead, "oldest_wait_seconds": round(wait.total_seconds()) if wait else None}


def dead_count() -> int:
    """Messages that wait for a person; MOST_COUNTED at most."""
    return _count(State.DEAD)


def live_secrets(destination: Destination) -> QuerySet[Secret]:
    """Those that its messages are signed with now, newest first."""
    return destination.secrets.filter(Q(ends_at=None) | Q(ends_at__gt=clock.now())).order_by("-created_at", "-pk")


def filtered(*, state: str = "", channel: str = "", topic: str = "", destination: str = "") -> QuerySet[Message]:
    """Messages that pass every filter that is given, with their destinations."""
    wanted = {"state": state, "channel": channel, "topic": topic, "destination__name": destination}
    return Message.objects.filter(**{name: value for name, value in wanted.items() if value}).select_related("destination")


def find(text: str) -> QuerySet[Message]:
    """By a whole id, or by the beginning of a key; newest first."""
    by = Q(key__startswith=text)
    with contextlib.suppress(ValueError):
        by |= Q(pk=UUID(text))
    return Message.objects.filter(by).order_by("-created_at", "-pk")


def _count(state: State) -> int:
    return len(Message.objects.filter(state=state).values_list("pk")[:MOST_COUNTED])

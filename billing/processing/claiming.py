"""One worker at a time: a claim is a conditional UPDATE, and what it was claimed with must still hold when its effect is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from billing.models import WebhookEvent
from billing.processing.schedule import LOST, MOST_TRIES
from billing.states import EventState
from opsportal import clock

# Longer than a question to a provider and its settling take at worst. A worker that dies keeps its event from others for so long.
CLAIM = timedelta(seconds=120)
# A new event's message is on its way; the sweep doesn't run ahead of it.
ON_ITS_WAY = timedelta(seconds=20)
# Machines' clocks differ: the database's stamps an event, a worker's says whether it is due.
CLOCKS_DIFFER = timedelta(seconds=5)
OWED = (EventState.RECEIVED, EventState.WAITING)


@dataclass(frozen=True, slots=True)
class Claim:
    """`tries` and `until` together are the token: they are never the same for two claims."""

    event: WebhookEvent
    tries: int
    until: datetime

    def held(self) -> QuerySet[WebhookEvent]:
        """The event, as long as the claim is the last one made."""
        return WebhookEvent.objects.filter(pk=self.event.pk, attempts=self.tries, claimed_until=self.until, state__in=OWED)


def due() -> QuerySet[WebhookEvent]:
    """Owed, due, held by nobody. No joins: as the WHERE of an UPDATE it is checked again after waiting for another's."""
    now = clock.now()
    return WebhookEvent.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), state__in=OWED, next_at__lte=now + CLOCKS_DIFFER)


def claim(event_pk: int, *, answer_ms: int | None = None) -> Claim | None:
    """None where there is nothing to do: done, not due, or in another's hands."""
    until = clock.now() + CLAIM
    answered: dict[str, Any] = {} if answer_ms is None else {"answer_ms": answer_ms}
    if due().filter(pk=event_pk).update(claimed_until=until, attempts=F("attempts") + 1, **answered) != 1:
        return None
    event = WebhookEvent.objects.get(pk=event_pk)
    return Claim(event, event.attempts, until) if event.claimed_until == until else None


def due_pks(limit: int) -> list[int]:
    """The oldest due first; those that were just received are left to the message that tells of them."""
    told_of = Q(attempts=0, received_at__gt=clock.now() - ON_ITS_WAY)
    return list(due().exclude(told_of).order_by("next_at").values_list("pk", flat=True)[:limit])


def give_up_lost(words: str) -> int:
    """An event whose last try ended with its worker needs a person: it may be what ended it. Returns how many."""
    lost = due().filter(claimed_until__isnull=False, attempts__gte=MOST_TRIES)
    return lost.update(state=EventState.PERSON, claimed_until=None, next_at=None, error_code=LOST, error=words)

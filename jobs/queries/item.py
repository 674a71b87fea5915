from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from jobs.models import FailedItem, ItemState

# Counted no further.
MOST = 1000


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Failed items that wait for another attempt, or for a person; MOST of each at most."""

    waiting: int = 0
    given_up: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.given_up


_COUNT = "SELECT count(*) FROM (SELECT FROM jobs_failed_item WHERE job = wanted.job AND state = '{state}' LIMIT {most}) AS found"
_OPEN = f"""
    SELECT wanted.job, ({_COUNT.format(state="waiting", most=MOST)}), ({_COUNT.format(state="given_up", most=MOST)})
    FROM unnest(%s::text[]) AS wanted (job)
"""  # noqa: S608


def open_items(jobs: list[str]) -> dict[str, OpenItems]:
    """By job, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [jobs])
        return {job: OpenItems(waiting, given_up) for job, waiting, given_up in cursor.fetchall()}


def items_of(job: str, state: str = "") -> QuerySet[FailedItem]:
    """A job's failed items; without a state, those that are not done. For keyset pages by (last_failed_at, id)."""
    found = FailedItem.objects.filter(job=job)
    return found.filter(state=state) if state else found.exclude(state=ItemState.SETTLED)

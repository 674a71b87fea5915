from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from jobs.models import Slot

# Looked at no further back than so many slots.
MOST = 5000

_NOT_RUN = """
    SELECT job, reason, count(*) FROM (
        SELECT job, reason FROM jobs_slot WHERE due_at >= %s AND reason <> '' ORDER BY due_at DESC LIMIT %s) AS found
    GROUP BY job, reason ORDER BY count(*) DESC, job, reason
"""


def slots_of(job: str, *, not_run: bool = False) -> QuerySet[Slot]:
    """A job's slots; with `not_run` only those with a reason. For keyset pages by (due_at, id)."""
    found = Slot.objects.filter(job=job).select_related("run")
    return found.exclude(reason="") if not_run else found


def not_run_since(since: datetime) -> list[tuple[str, str, int]]:
    """(job, reason, how many slots), the most first."""
    with connection.cursor() as cursor:
        cursor.execute(_NOT_RUN, [since, MOST])
        return [(job, reason, count) for job, reason, count in cursor.fetchall()]

"""Items that failed: listed with their error, tried again with the next runs, given up after some attempts, settled when done."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from jobs.engine.lease import Held
from jobs.models import FailedItem, ItemState

MOST_ATTEMPTS = 5
# Minutes to the next attempt, doubled with each one that fails.
FIRST_WAIT_MINUTES = 1

_LIST = """
    INSERT INTO jobs_failed_item (job, key, run_id, state, error, next_try_at)
    SELECT %(job)s, key, %(run)s, 'waiting', error, now() + make_interval(mins => %(wait)s) FROM unnest(%(keys)s::text[], %(errors)s::text[]) AS f (key, error)
    ON CONFLICT (job, key) DO UPDATE SET
        run_id = excluded.run_id, error = excluded.error, last_failed_at = now(),
        attempts = CASE WHEN jobs_failed_item.state = 'settled' THEN 1 ELSE jobs_failed_item.attempts + 1 END,
        first_failed_at = CASE WHEN jobs_failed_item.state = 'settled' THEN now() ELSE jobs_failed_item.first_failed_at END,
        state = CASE WHEN jobs_failed_item.state <> 'settled' AND jobs_failed_item.attempts + 1 >= %(most)s THEN 'given_up' ELSE 'waiting' END,
        next_try_at = CASE WHEN jobs_failed_item.state = 'settled' THEN excluded.next_try_at
                           WHEN jobs_failed_item.attempts + 1 < %(most)s THEN now() + make_interval(mins => %(wait)s * (2 ^ jobs_failed_item.attempts)::int) END
"""


def list_failed(held: Held, errors: Mapping[str, str]) -> None:
    """In the batch's transaction. `errors`: the item's key → what went wrong."""
    if not errors:
        return
    values: dict[str, Any] = {"job": held.job.name, "run": held.run.pk, "keys": list(errors), "errors": list(errors.values())}
    with connection.cursor() as cursor:
        cursor.execute(_LIST, {**values, "wait": FIRST_WAIT_MINUTES, "most": MOST_ATTEMPTS})


def settle(held: Held, keys: Sequence[str]) -> None:
    """In the batch's transaction: these are done now, or are no longer there."""
    if keys:
        open_items = FailedItem.objects.filter(job=held.job.name, key__in=keys).exclude(state=ItemState.SETTLED)
        open_items.update(state=ItemState.SETTLED, next_try_at=None)


def due_keys(held: Held, limit: int) -> list[str]:
    """What is to be tried again now. For a re-run: what failed in the run that it repeats, whether given up or not."""
    if not held.has_failed_items:
        return []
    found = FailedItem.objects.filter(job=held.job.name)
    if held.run.again_id is not None:
        found = found.filter(run=held.run.again_id).exclude(state=ItemState.SETTLED)
    else:
        found = found.filter(state=ItemState.WAITING, next_try_at__lte=held.run.started_at)
    return list(found.order_by("next_try_at", "pk").values_list("key", flat=True)[:limit])

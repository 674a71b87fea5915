"""Telling Celery of runs that wait. The runs stand in the database; a message that is lost is sent again."""

from django.db import connection, transaction

from jobs import registry
from opsportal import broker

# Seconds after which a run that still waits is told of again.
AGAIN_AFTER = 60
# Seconds after which a worker drops a message unread: a queue that stood for hours is not worked off copy by copy. There is always a newer one.
EXPIRES = 5 * AGAIN_AFTER
# More than the guard, less than the lease: only for a batch that neither asks its deadline nor lets a statement time out.
SOFT_LIMIT_BEYOND = 10
HARD_LIMIT_BEYOND = 20
MOST = 1000

_WAITING = """
    UPDATE jobs_run SET sent_at = clock_timestamp() WHERE id IN (
        SELECT id FROM jobs_run WHERE state = 'queued' AND (sent_at IS NULL OR sent_at < clock_timestamp() - make_interval(secs => %s))
        ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id, job
"""
_UNSENT = "UPDATE jobs_run SET sent_at = NULL WHERE id = ANY(%s) AND state = 'queued'"


def send_waiting() -> int:
    """Send a message for every run that waits and was not told of lately. Returns how many were sent; 0 when the broker is away."""
    from jobs.tasks import run

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WAITING, [AGAIN_AFTER, MOST])
        waiting = cursor.fetchall()
    for place, (run_id, name) in enumerate(waiting):
        job = registry.find(name)
        limits = {"soft_time_limit": job.time_guard + SOFT_LIMIT_BEYOND, "time_limit": job.time_guard + HARD_LIMIT_BEYOND} if job else {}
        if not broker.send(run, run_id, queue=job.queue if job else "jobs", expires=EXPIRES, **limits):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_UNSENT, [[row[0] for row in waiting[place:]]])
            return place
    return len(waiting)

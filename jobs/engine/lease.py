"""Taking a job's lease, and the run's claim on it. Whoever has the token of the lease may write; nobody else."""

import json
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from jobs.engine.standing import Standing, Why, waiting
from jobs.job import Job
from jobs.models import Run, Slot, State
from opsportal import clock
from opsportal.postgres.prepared import fetch_one


class LeaseLost(Exception):
    """The lease ran out, or somebody else has it. Nothing was written, and nothing may be."""


@dataclass(frozen=True, slots=True)
class Held:
    """A run that may write."""

    run: Run
    job: Job
    token: int
    cursor: Any
    # Whether any item of the job still waits for another attempt, or for a person.
    has_failed_items: bool


# SKIP LOCKED: a worker that sleeps within a batch still holds the row; PostgreSQL ends its session when the lease is over.
_TAKE = """
    WITH waiting AS (SELECT id FROM jobs_run WHERE id = %(run)s AND state = 'queued' FOR NO KEY UPDATE SKIP LOCKED),
    taken AS (
        UPDATE jobs_lease SET token = token + 1, until = clock_timestamp() + make_interval(secs => %(seconds)s), run_id = %(run)s, ran_at = %(ran_at)s,
            heartbeat_at = %(now)s, batches = 0, items = 0, failed_items = 0
        WHERE job = (
            SELECT job FROM jobs_lease WHERE job = %(job)s AND EXISTS (SELECT FROM waiting) AND (until IS NULL OR until <= clock_timestamp())
            FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING token, cursor),
    running AS (
        UPDATE jobs_run SET state = 'running', token = taken.token, cursor_before = taken.cursor, cursor_after = taken.cursor,
            started_at = %(now)s, heartbeat_at = %(now)s, worker = %(worker)s
        FROM taken WHERE id = %(run)s)
    SELECT token, cursor, EXISTS (SELECT FROM jobs_failed_item WHERE job = %(job)s AND state <> 'settled')
    FROM waiting LEFT JOIN taken ON true
"""


def claim(run_id: int) -> Held | None:
    """Make the waiting run a running one. None when there is nothing to do: another worker has it, or a check refuses it."""
    found = waiting(run_id)
    if found is None:
        return None
    run, now = found
    answer = _try(run, now) if now else Why("unknown_job")
    if isinstance(answer, Why):
        refuse(run, answer)
        return None
    return answer


def _try(run: Run, now: Standing) -> Held | Why | None:
    why = now.why_not(run.due_at or clock.now(), ignore_interval=run.again_id is not None)
    # The active run that the last check finds is this one.
    if why and why.run_id != run.pk:
        return why
    return _take(run, now)


def _take(run: Run, now: Standing) -> Held | Why | None:
    """None when the run does not wait any more."""
    run.started_at = run.heartbeat_at = clock.now()
    run.worker = f"{socket.gethostname()}:{os.getpid()}"[:200]
    ran_at = now.ran_at if run.again_id else _interval_from(run, run.started_at, now.schedule.min_interval)
    values = {"job": run.job, "run": run.pk, "seconds": now.job.lease, "ran_at": ran_at, "now": run.started_at, "worker": run.worker}
    row = fetch_one(_TAKE, values)
    if row is None:
        return None
    if row[0] is None:
        return Why("already_running")
    run.state, run.token, run.cursor_before = State.RUNNING, row[0], None if row[1] is None else json.loads(row[1])
    run.cursor_after = run.cursor_before
    return Held(run, now.job, row[0], run.cursor_before, row[2])


def _interval_from(run: Run, started: datetime, min_interval: int) -> datetime:
    """A slot that a worker took up a little late still counts from its due time: an hourly job stays hourly."""
    if run.due_at is not None and (started - run.due_at).total_seconds() <= min_interval / 10:
        return run.due_at
    return started


def refuse(run: Run, why: Why) -> None:
    """Write on the run, and on its slot, why it did not run; unless somebody else took it meanwhile."""
    with transaction.atomic():
        if Run.objects.filter(pk=run.pk, state=State.QUEUED).update(state=State.REFUSED, ended_because=why.code, ended_at=clock.now()):
            Slot.objects.filter(run=run).update(reason=why.code, until=why.until)

"""The tick: makes the slots that are due, writes on each why it does not run, and hands the others to Celery.

It may run anywhere, any number of times, at the same moment: a slot is inserted once, and whoever inserted it decides it.
All of it is one transaction, so a tick that dies leaves nothing half done. The number of queries does not depend on the
number of jobs.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import get_default_timezone

from jobs import registry
from jobs.engine.ending import ACTOR, reap
from jobs.engine.sending import send_waiting
from jobs.engine.standing import Standing, Why, ensure_rows, standings
from jobs.schedule import due_between
from opsportal import clock
from switches import actions as switches

# Slots that nobody made in time are listed as missed, so many of them at most for each job and tick.
MOST_MISSED = 100

# In one order, so that two ticks never wait for each other; and how far another one, or an editor, has come since.
_LOCK = "SELECT job, slots_until FROM jobs_schedule WHERE job = ANY(%s) ORDER BY job FOR NO KEY UPDATE"
_SLOTS = """
    WITH due AS (SELECT * FROM unnest(%(jobs)s::text[], %(dues)s::timestamptz[]) AS d (job, due_at)),
    moved AS (
        UPDATE jobs_schedule s SET slots_until = %(now)s FROM (SELECT DISTINCT job FROM due) AS d WHERE s.job = d.job AND s.slots_until < %(now)s)
    INSERT INTO jobs_slot (job, due_at) SELECT job, due_at FROM due ORDER BY job, due_at ON CONFLICT DO NOTHING RETURNING id, job, due_at
"""
# One active run a job: whatever a person started meanwhile, this constraint has the last word.
_RUNS = """
    WITH wanted AS (SELECT * FROM unnest(%(slots)s::bigint[], %(jobs)s::text[], %(dues)s::timestamptz[]) AS w (slot, job, due_at)),
    made AS (
        INSERT INTO jobs_run (job, state, trigger, actor_kind, actor_label, due_at)
        SELECT job, 'queued', 'schedule', 'system', 'jobs', due_at FROM wanted ORDER BY job
        ON CONFLICT (job) WHERE state IN ('queued', 'running') DO NOTHING RETURNING id, job)
    UPDATE jobs_slot s SET run_id = made.id, reason = CASE WHEN made.id IS NULL THEN 'already_running' ELSE '' END
    FROM wanted LEFT JOIN made ON made.job = wanted.job WHERE s.id = wanted.slot RETURNING made.id
"""
_REASONS = """
    UPDATE jobs_slot s SET reason = w.reason, until = w.until
    FROM unnest(%(slots)s::bigint[], %(reasons)s::text[], %(untils)s::timestamptz[]) AS w (slot, reason, until) WHERE s.id = w.slot
"""


@dataclass(frozen=True, slots=True)
class MadeSlot:
    id: int
    job: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick did, in numbers: slots made, runs queued, slots that do not run, runs found lost, messages sent."""

    slots: int
    runs: int
    not_run: int
    lost: int
    sent: int


def tick() -> Ticked:
    """Also turns on the switches whose time has come, and tells Celery again of runs that still wait."""
    jobs = registry.all_jobs()
    switches.turn_on_due(actor=ACTOR)
    lost = reap()
    with transaction.atomic():
        now = clock.now()
        standing = standings(jobs)
        if missing := [job for job in jobs if job.name not in standing]:
            ensure_rows(missing)
        slots = _make_slots(standing, now)
        runs = _decide(standing, slots)
    return Ticked(len(slots), runs, len(slots) - runs, len(lost), send_waiting())


def _make_slots(standing: dict[str, Standing], now: datetime) -> list[MadeSlot]:
    """The slots that this tick was the first to make, by job and time."""
    zone = get_default_timezone()
    due = [
        (name, moment)
        for name, one in sorted(standing.items())
        for moment in due_between(one.schedule.times, one.schedule.slots_until, now, zone, most=MOST_MISSED)
    ]
    if not due:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted({name for name, _moment in due})])
        made_until = dict(cursor.fetchall())
        due = [(name, moment) for name, moment in due if moment > made_until[name]]
        cursor.execute(_SLOTS, {"jobs": [name for name, _moment in due], "dues": [moment for _name, moment in due], "now": now})
        return sorted((MadeSlot(*row) for row in cursor.fetchall()), key=attrgetter("job", "due_at"))


def _decide(standing: dict[str, Standing], slots: list[MadeSlot]) -> int:
    """Returns how many of them became runs."""
    wanted: list[MadeSlot] = []
    refused: list[tuple[MadeSlot, Why]] = []
    for name, of_job in groupby(slots, key=attrgetter("job")):
        *missed, newest = of_job
        refused += [(slot, Why("missed")) for slot in missed]
        why = standing[name].why_not(newest.due_at)
        refused.append((newest, why)) if why else wanted.append(newest)
    with connection.cursor() as cursor:
        if refused:
            reasons: dict[str, Any] = {"reasons": [why.code for _slot, why in refused], "untils": [why.until for _slot, why in refused]}
            cursor.execute(_REASONS, {"slots": [slot.id for slot, _why in refused], **reasons})
        if not wanted:
            return 0
        columns: dict[str, Any] = {
            "slots": [slot.id for slot in wanted],
            "jobs": [slot.job for slot in wanted],
            "dues": [slot.due_at for slot in wanted],
        }
        cursor.execute(_RUNS, columns)
        return sum(row[0] is not None for row in cursor.fetchall())

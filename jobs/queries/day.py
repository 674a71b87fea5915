"""The last 24 hours of the jobs, for a review. No statement reads more than a day's slots or runs, whatever is kept before."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils.timezone import get_default_timezone

from jobs.engine.ending import FAILURES_ALLOWED
from jobs.engine.standing import Standing, standings
from jobs.job import Job
from jobs.models import ACTIVE, Lease, Run, State
from jobs.queries.desk import late_after, tripped
from jobs.queries.run import newest_runs
from jobs.schedule import due_between
from opsportal import clock

DAY = timedelta(hours=24)
# A job may be due every second.
MOST = 20_000
# Jobs that are due more often would drown the others in a share of all runs.
SELDOM = timedelta(minutes=5)

_SLOTS = """
    SELECT s.reason, r.state, r.ended_because, count(*), coalesce(sum(r.batches), 0), coalesce(sum(r.items), 0)
    FROM (SELECT reason, run_id FROM jobs_slot WHERE job = %s AND due_at > %s ORDER BY due_at DESC LIMIT %s) s
    LEFT JOIN jobs_run r ON r.id = s.run_id GROUP BY 1, 2, 3
"""
_ALL_SLOTS = """
    SELECT job, reason, count(*) FROM (SELECT job, reason FROM jobs_slot WHERE due_at > %s ORDER BY due_at DESC LIMIT %s) s GROUP BY 1, 2
"""
_RUNS = """
    SELECT job, state, count(*) FROM (
        SELECT job, state FROM jobs_run WHERE created_at > %s AND job = ANY(%s) ORDER BY created_at DESC LIMIT %s) r
    GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class DayOfJob:
    """The slots of one job. `due` are those whose outcome is known; `at_limit` of the `succeeded` stopped at a limit of batches or time.

    `reasons`: of those that did not run, the code of jobs/words.py and how many. `standing` is None before the job's first tick.
    """

    standing: Standing | None
    due: int = 0
    succeeded: int = 0
    failed: int = 0
    at_limit: int = 0
    batches: int = 0
    items: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def was_off(self) -> bool:
        """Whether its switch, or the master, is all that kept it from running."""
        return not self.succeeded and not self.failed and bool(self.reasons) and set(self.reasons) <= {"switch_off", "master_off"}


def day_of(job: Job) -> DayOfJob:
    """Two statements. Slots that no tick has made count as missed."""
    standing, now = standings([job]).get(job.name), clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_SLOTS, [job.name, now - DAY, MOST])
        rows = cursor.fetchall()
    over = [row for row in rows if row[1] not in ACTIVE]
    reasons: dict[str, int] = {}
    for reason, state, because, count, _batches, _items in over:
        code = reason or (because if state in (State.REFUSED, State.STOPPED) else "")
        if code:
            reasons[code] = reasons.get(code, 0) + count
    if standing and (late := _not_made(standing, now)):
        reasons["missed"] = reasons.get("missed", 0) + late
    done = [row for row in over if row[1] == State.SUCCEEDED]
    failed = sum(row[3] for row in over if row[1] in (State.FAILED, State.INTERRUPTED))
    succeeded = sum(row[3] for row in done)
    return DayOfJob(
        standing, due=succeeded + failed + sum(reasons.values()), succeeded=succeeded, failed=failed, reasons=reasons,
        at_limit=sum(row[3] for row in done if row[2] in ("max_batches", "time_guard")),
        batches=int(sum(row[4] for row in done)), items=int(sum(row[5] for row in done)),
    )  # fmt: skip


def _not_made(standing: Standing, now: datetime) -> int:
    since = max(standing.schedule.slots_until, now - DAY)
    return len(due_between(standing.schedule.times, since, now - late_after(), get_default_timezone(), most=MOST)) if since < now else 0


@dataclass(frozen=True, slots=True)
class DayOfAll:
    """`slots`: how many there were; `not_run`: (job, reason, how many). `overdue`: since when the scheduler has made none that was due."""

    standings: dict[str, Standing]
    slots: int
    not_run: list[tuple[str, str, int]]
    overdue: datetime | None


def day_of_all() -> DayOfAll:
    """Two statements."""
    found, now = standings(), clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_ALL_SLOTS, [now - DAY, MOST])
        rows = cursor.fetchall()
    late = [one.schedule.slots_until for one in found.values() if _not_made(one, now)]
    return DayOfAll(found, sum(row[2] for row in rows), [row for row in rows if row[1]], min(late, default=None))


@dataclass(frozen=True, slots=True)
class Streak:
    """A job with failures in a row; one whose breaker has turned it off keeps the number that did it."""

    job: Job
    failures: int
    is_tripped: bool
    last: Run | None

    @property
    def is_beyond(self) -> bool:
        return self.is_tripped or self.failures > FAILURES_ALLOWED


@dataclass(frozen=True, slots=True)
class Streaks:
    """`worst` first. `ran`: whether any job has run at all."""

    worst: list[Streak]
    ran: bool


def streaks() -> Streaks:
    """Of all jobs, in three statements at most."""
    found = standings()
    off = [name for name, one in found.items() if tripped(one.switch)]
    kept = dict(Lease.objects.filter(pk__in=off).values_list("pk", "failures")) if off else {}
    counts = {name: kept.get(name, one.failures) for name, one in found.items() if one.failures or name in kept}
    newest = newest_runs(list(found), 1)
    last = {name: runs[0] for name, runs in newest.items()}
    worst = [Streak(found[name].job, count, name in kept, last.get(name)) for name, count in counts.items()]
    return Streaks(sorted(worst, key=lambda one: (not one.is_tripped, -one.failures, one.job.name)), ran=bool(last))


@dataclass(frozen=True, slots=True)
class Reliability:
    """Runs of 24 hours that came to an end by themselves, of jobs that are not due every few minutes."""

    over: int
    succeeded: int
    failed: dict[str, int]

    @property
    def percent(self) -> float | None:
        """Cut, not rounded up to a figure that it has not reached. None without runs."""
        return self.succeeded * 1000 // self.over / 10 if self.over else None


def reliability() -> Reliability:
    """Two statements. What a person or a switch stopped says nothing about a job; an interrupted run does: nothing came of it."""
    names = [name for name, one in standings().items() if one.schedule.times.interval >= SELDOM]
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, [clock.now() - DAY, names, MOST])
        rows = cursor.fetchall()
    succeeded = sum(count for _job, state, count in rows if state == State.SUCCEEDED)
    failed: dict[str, int] = {}
    for job, state, count in rows:
        if state in (State.FAILED, State.INTERRUPTED):
            failed[job] = failed.get(job, 0) + count
    return Reliability(succeeded + sum(failed.values()), succeeded, failed)

"""How every job stands, in one query, and what keeps it from running: the same answer for the tick, the page and the worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from jobs import registry
from jobs.job import Job
from jobs.models import Schedule, State
from jobs.registry import MASTER
from switches import queries as switches
from switches.queries import State as Switch


@dataclass(frozen=True, slots=True)
class Why:
    """Why a job does not run. `code`: master_off, switch_off, too_soon or already_running; `until`: when that ends, if it is known."""

    code: str
    until: datetime | None = None
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    job: Job
    schedule: Schedule
    master: Switch
    switch: Switch
    lease_until: datetime | None
    ran_at: datetime | None
    failures: int
    active_run: int | None
    active_state: str

    def why_not(self, moment: datetime, *, ignore_interval: bool = False) -> Why | None:
        """The first of the checks that fails for a start at that moment, in their order: master, switch, interval, lease."""
        if not self.master.is_on:
            return Why("master_off", self.master.off_until)
        if not self.switch.is_on:
            return Why("switch_off", self.switch.off_until)
        # Without an interval a run that began late is no reason against a slot that was due before it began.
        if not ignore_interval and self.schedule.min_interval and self.ran_at is not None:
            next_start = self.ran_at + timedelta(seconds=self.schedule.min_interval)
            if moment < next_start:
                return Why("too_soon", next_start)
        if self.active_run is not None:
            return Why("already_running", self.lease_until if self.active_state == State.RUNNING else None, self.active_run)
        return None


_SQL = """
    SELECT s.job, s.every_seconds, s.daily_at, s.min_interval, s.slots_until, l.until, l.ran_at, l.failures, l.failures_version, r.id, r.state
    FROM jobs_schedule s JOIN jobs_lease l ON l.job = s.job
    LEFT JOIN jobs_run r ON r.job = s.job AND r.state IN ('queued', 'running')
    WHERE s.job = ANY(%s)
"""


def standings(jobs: Iterable[Job] | None = None) -> dict[str, Standing]:
    """By name, for all jobs or for these. Two queries. A job that has no row yet is left out: ensure_rows() makes it."""
    wanted = {job.name: job for job in (registry.all_jobs() if jobs is None else jobs)}
    states = switches.states({MASTER, *(job.switch for job in wanted.values())})
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [list(wanted)])
        rows = cursor.fetchall()
    return {row[0]: _standing(wanted[row[0]], states, row) for row in rows}


def standing(job: Job) -> Standing:
    found = standings([job])
    if not found:
        ensure_rows([job])
        found = standings([job])
    return found[job.name]


def _standing(job: Job, states: dict[str, Switch], row: tuple[Any, ...]) -> Standing:
    name, every, daily, interval, slots_until, until, ran_at, failures, version, run_id, state = row
    schedule = Schedule(job=name, every_seconds=every, daily_at=daily, min_interval=interval, slots_until=slots_until)
    # A switch that is not there is off: nobody could turn it off.
    master, switch = (states.get(switch_name) or _absent(switch_name) for switch_name in (MASTER, job.switch))
    return Standing(job, schedule, master, switch, until, ran_at, failures if version == switch.version else 0, run_id, state or "")


def _absent(name: str) -> Switch:
    return Switch(name, False, False, False, None, None, "", "", 0)


def ensure_rows(jobs: Iterable[Job]) -> None:
    """A schedule and a lease for each of the jobs. What is there already stays as people made it."""
    values = [(job.name, *_times(job), int(_interval(job))) for job in jobs]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH new AS (
                INSERT INTO jobs_schedule (job, every_seconds, daily_at, min_interval)
                SELECT * FROM unnest(%s::text[], %s::int[], %s::time[], %s::int[]) ON CONFLICT DO NOTHING RETURNING job)
            INSERT INTO jobs_lease (job) SELECT job FROM new ON CONFLICT DO NOTHING
            """,
            [list(column) for column in zip(*values, strict=True)] or [[], [], [], []],
        )


def _times(job: Job) -> tuple[int | None, Any]:
    return getattr(job.schedule, "seconds", None), getattr(job.schedule, "at", None)


def _interval(job: Job) -> float:
    return job.schedule.interval.total_seconds() if job.min_interval is None else job.min_interval

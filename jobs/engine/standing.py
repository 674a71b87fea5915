"""How every job stands, in one query, and what keeps it from running: the same answer for the tick, the page and the worker."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from jobs import registry
from jobs.job import Job
from jobs.models import Run, Schedule, State
from jobs.registry import MASTER
from opsportal.postgres.prepared import fetch_one
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


_SWITCH = len(switches.COLUMNS)
_COLUMNS = ", ".join(
    [
        *(f"m.{name}" for name in switches.COLUMNS), *(f"w.{name}" for name in switches.COLUMNS),
        "l.until, l.ran_at, l.failures, l.failures_version, r.id, r.state, s.job, s.every_seconds, s.daily_at, s.min_interval, s.slots_until",
    ]
)  # fmt: skip
# `switches`: the jobs, each with the name of its switch.
_SWITCHES = "LEFT JOIN switches_switch m ON m.name = %(master)s LEFT JOIN switches_switch w ON w.name = %(switches)s::jsonb ->> s.job"
_STANDINGS = f"""
    SELECT {_COLUMNS} FROM jobs_schedule s JOIN jobs_lease l ON l.job = s.job
    LEFT JOIN jobs_run r ON r.job = s.job AND r.state IN ('queued', 'running') {_SWITCHES} WHERE %(switches)s::jsonb ? s.job
"""  # noqa: S608
_OF_RUN = ("id", "job", "state", "trigger", "again_id", "due_at", "created_at")
_WAITING = f"""
    SELECT {", ".join(f"r.{name}" for name in _OF_RUN)}, l.job, {_COLUMNS}
    FROM jobs_run r LEFT JOIN jobs_schedule s ON s.job = r.job LEFT JOIN jobs_lease l ON l.job = s.job {_SWITCHES}
    WHERE r.id = %(run)s AND r.state = 'queued'
"""  # noqa: S608


def standings(jobs: Iterable[Job] | None = None) -> dict[str, Standing]:
    """By name, for all jobs or for these. One query. A job that has no row yet is left out: ensure_rows() makes it."""
    wanted = {job.name: job for job in (registry.all_jobs() if jobs is None else jobs)}
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, _values(wanted))
        found = [_standing(wanted, row) for row in cursor.fetchall()]
    return {one.job.name: one for one in found}


def standing(job: Job) -> Standing:
    found = standings([job])
    if not found:
        ensure_rows([job])
        found = standings([job])
    return found[job.name]


def waiting(run_id: int) -> tuple[Run, Standing | None] | None:
    """The run, if it waits, and how its job stands, in one query; without a standing, there is no such job any more."""
    jobs = {job.name: job for job in registry.all_jobs()}
    row = fetch_one(_WAITING, {"run": run_id, **_values(jobs)})
    if row is None:
        return None
    run = Run.from_db("default", _OF_RUN, row[: len(_OF_RUN)])
    if run.job not in jobs:
        return run, None
    has_rows = row[len(_OF_RUN)] is not None
    return run, _standing(jobs, row[len(_OF_RUN) + 1 :]) if has_rows else standing(jobs[run.job])


def _values(jobs: dict[str, Job]) -> dict[str, str]:
    return {"master": MASTER, "switches": json.dumps({name: job.switch for name, job in jobs.items()})}


def _standing(jobs: dict[str, Job], row: tuple[Any, ...]) -> Standing:
    until, ran_at, failures, version, run_id, state, name, every, daily, interval, slots_until = row[2 * _SWITCH :]
    schedule = Schedule(job=name, every_seconds=every, daily_at=daily, min_interval=interval, slots_until=slots_until)
    master, switch = _switch(MASTER, row[:_SWITCH]), _switch(jobs[name].switch, row[_SWITCH : 2 * _SWITCH])
    return Standing(jobs[name], schedule, master, switch, until, ran_at, failures if version == switch.version else 0, run_id, state or "")


def _switch(name: str, row: tuple[Any, ...]) -> Switch:
    """A switch that is not there is off: nobody could turn it off."""
    return _absent(name) if row[0] is None else switches.state_from(*row)


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

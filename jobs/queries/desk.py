"""How the jobs stand, for a person. The number of queries does not depend on the number of jobs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from django.conf import settings
from django.db import connection
from django.utils.timezone import get_default_timezone

from jobs import registry
from jobs.engine.ending import ACTOR, FAILURES_ALLOWED
from jobs.engine.sending import AGAIN_AFTER
from jobs.engine.standing import Standing, Why, ensure_rows, standings
from jobs.job import Job
from jobs.models import Run, State
from jobs.queries.item import OpenItems, open_items
from jobs.queries.run import Figures, figures_of, newest_runs
from jobs.schedule import next_due
from opsportal import clock
from switches import queries as switches
from switches.queries import State as Switch

SHOWN = 30


@dataclass
class JobView:
    """A job with its newest runs. `moment` is the one at which all of it is said."""

    standing: Standing
    runs: list[Run]
    items: OpenItems
    moment: datetime = field(default_factory=clock.now)

    @property
    def job(self) -> Job:
        return self.standing.job

    @cached_property
    def active(self) -> Run | None:
        return next((run for run in self.runs if run.is_active), None)

    @cached_property
    def last(self) -> Run | None:
        """The last run that is over, and was one: what a check refused did not run."""
        return next((run for run in self.runs if not run.is_active and run.state != State.REFUSED), None)

    @cached_property
    def figures(self) -> Figures:
        return figures_of(self.runs[:SHOWN])

    @cached_property
    def next_due(self) -> datetime:
        """The next slot's time, from now on."""
        return next_due(self.standing.schedule.times, self.moment, get_default_timezone())

    @cached_property
    def why_now(self) -> Why | None:
        """What keeps it from running when somebody asks for it now."""
        return self.standing.why_not(self.moment)

    @cached_property
    def why_next(self) -> Why | None:
        """What will keep the next slot from running, as far as it is known: a run of now may be over by then, and so may a pause."""
        why = self.standing.why_not(self.next_due)
        if why is None or why.code == "already_running" or (why.until is not None and why.until <= self.next_due):
            return None
        return why

    @property
    def is_tripped(self) -> bool:
        """The breaker turned its switch off, and nobody has touched the switch since."""
        return tripped(self.standing.switch)

    @cached_property
    def overdue(self) -> datetime | None:
        """When its first slot was due that no tick has made; None while ticks come."""
        due = next_due(self.standing.schedule.times, self.standing.schedule.slots_until, get_default_timezone())
        return due if due < self.moment - late_after() else None

    @property
    def waits_long(self) -> bool:
        """Told of for long enough, and no worker took it."""
        return self.active is not None and self.active.state == State.QUEUED and self.active.created_at < self.moment - timedelta(seconds=AGAIN_AFTER)

    @property
    def failures_allowed(self) -> int:
        return FAILURES_ALLOWED

    def due_times(self, count: int) -> list[datetime]:
        return list(islice(self.standing.schedule.times.due_after(self.moment, get_default_timezone()), count))

    @property
    def state(self) -> str:
        """The one thing to say about it; jobs/templatetags/job_words.py has the words."""
        if self.active is not None:
            return "stuck" if self.waits_long else str(self.active.state)
        if self.is_tripped:
            return "tripped"
        if not (self.standing.master.is_on and self.standing.switch.is_on):
            return "off"
        return self._state_of_the_last()

    def _state_of_the_last(self) -> str:
        if self.standing.failures:
            return "failing"
        if self.overdue is not None:
            return "unscheduled"
        if self.last is None:
            return "never"
        if self.items.given_up:
            return "items"
        # Also one that says nothing about a streak: nothing shows yet that the job works.
        return str(self.last.state) if self.last.state in (State.FAILED, State.INTERRUPTED) else "fine"


@dataclass(frozen=True)
class Scheduler:
    """Whether slots are made. `made_until`: the newest moment up to which they are, for any job."""

    made_until: datetime | None
    overdue: datetime | None


@dataclass(frozen=True)
class Desk:
    jobs: list[JobView]
    master: Switch | None
    scheduler: Scheduler


def late_after() -> timedelta:
    """A slot that is not there so long after its time has no tick to make it."""
    return timedelta(seconds=3 * settings.OPS_TICK_SECONDS + 10)


def tripped(switch: Switch) -> bool:
    return not switch.is_on_here and switch.by == ACTOR.label


def desk(runs: int = SHOWN) -> Desk:
    """Every registered job, by name, with so many of its newest runs. Three queries."""
    views = _views(registry.all_jobs(), runs)
    master = views[0].standing.master if views else switches.states([registry.MASTER]).get(registry.MASTER)
    made = max((view.standing.schedule.slots_until for view in views), default=None)
    overdue = min((view.overdue for view in views if view.overdue is not None), default=None)
    return Desk(views, master, Scheduler(made, overdue))


_NEED_A_PERSON = """
    SELECT count(*) FROM unnest(%s::text[], %s::text[]) AS j (job, switch)
    WHERE EXISTS (SELECT FROM jobs_failed_item WHERE job = j.job AND state = 'given_up')
        OR EXISTS (SELECT FROM switches_switch WHERE name = j.switch AND NOT is_on AND changed_by = %s)
"""


def need_a_person() -> int:
    """How many jobs have items that were given up, or turned themselves off. One query."""
    jobs = registry.all_jobs()
    with connection.cursor() as cursor:
        cursor.execute(_NEED_A_PERSON, [[job.name for job in jobs], [job.switch for job in jobs], ACTOR.label])
        return int(cursor.fetchone()[0])


def view_of(job: Job, runs: int = SHOWN) -> JobView:
    """One job, with so many of its newest runs."""
    return _views([job], runs)[0]


def _views(jobs: Iterable[Job], runs: int) -> list[JobView]:
    wanted = list(jobs)
    found = standings(wanted)
    if missing := [job for job in wanted if job.name not in found]:
        # A job that came with this version, before its first tick.
        ensure_rows(missing)
        found = standings(wanted)
    newest, items = newest_runs(list(found), runs), open_items(list(found))
    moment = clock.now()
    return [JobView(found[name], newest.get(name, []), items[name], moment) for name in sorted(found)]

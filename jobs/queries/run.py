from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from jobs.models import Run, State
from opsportal.errors import NotFound

# Without what only a run's own page shows; `said` is the first line of its error. Figures of a run that goes on stand in its lease.
# BETWEEN and the longer order say what = and the shorter one would, and leave only the index that begins with the job: by number alone
# PostgreSQL walks back through the runs of all jobs for one that ran seldom.
_NEWEST = """
    SELECT r.* FROM unnest(%s::text[]) AS wanted (job) CROSS JOIN LATERAL (
        SELECT a.id, a.job, state, trigger, actor_kind, actor_label, due_at, created_at, started_at, ended_at, ended_because,
            coalesce(l.heartbeat_at, a.heartbeat_at) AS heartbeat_at, coalesce(l.batches, a.batches) AS batches, coalesce(l.items, a.items) AS items,
            coalesce(l.failed_items, a.failed_items) AS failed_items, left(split_part(error, E'\\n', 1), 200) AS said
        FROM jobs_run a LEFT JOIN jobs_lease l ON l.run_id = a.id
        WHERE a.job BETWEEN wanted.job AND wanted.job ORDER BY a.job DESC, a.id DESC LIMIT %s) AS r
    ORDER BY r.id DESC
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some runs: seconds of the median and of the 95th percentile (nearest rank), items a second. None: no run to tell."""

    runs: int = 0
    median: float | None = None
    p95: float | None = None
    items_per_second: float | None = None


def is_measured(run: Run) -> bool:
    """Whether its duration says something about the job: that of an interrupted one is mostly the wait until it was found."""
    return run.started_at is not None and run.state in (State.SUCCEEDED, State.STOPPED, State.FAILED)


def newest_runs(jobs: list[str], limit: int) -> dict[str, list[Run]]:
    """The newest runs of each job, newest first, in one query."""
    found: dict[str, list[Run]] = {}
    for run in Run.objects.raw(_NEWEST, [jobs, limit]):
        found.setdefault(run.job, []).append(run)
    return found


def figures_of(runs: Sequence[Run]) -> Figures:
    """Of those that came to their end by themselves."""
    over = [(run.duration.total_seconds(), run.items) for run in runs if is_measured(run) and run.duration is not None]
    if not over:
        return Figures()
    seconds = sorted(length for length, _items in over)
    total = sum(seconds)
    speed = sum(items for _length, items in over) / total if total else None
    return Figures(len(over), median(seconds), seconds[ceil(0.95 * len(seconds)) - 1], speed)


def runs_of(job: str, state: str = "") -> QuerySet[Run]:
    """A job's runs, for keyset pages by (job, id), each to be followed; `said` is the first line of the error."""
    said = Left(Func(F("error"), Value("\n"), Value(1), function="split_part"), 200, output_field=TextField())
    found = Run.objects.filter(job=job).select_related("lease").defer("error", "cursor_before", "cursor_after").annotate(said=said)
    return found.filter(state=state) if state in State.values else found


def find_run(run_id: int) -> Run:
    """With its slot and the run whose items it does again. Raises NotFound."""
    run = Run.objects.select_related("slot", "again", "lease").filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no run %(number)s, or not any more: runs are kept for 30 days.") % {"number": run_id}, code="run_unknown")
    return run.follow()


def neighbors(run: Run) -> tuple[int | None, int | None]:
    """Numbers of the job's run before and after it."""
    others = Run.objects.filter(job=run.job).values_list("pk", flat=True)
    return others.filter(pk__lt=run.pk).order_by("-pk").first(), others.filter(pk__gt=run.pk).order_by("pk").first()

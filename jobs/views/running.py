"""What a run's page shows: its progress, its batches, and one log of everything that happened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.queries import for_entity
from jobs import registry
from jobs.engine.standing import standing
from jobs.models import FailedItem, ItemState, Run, RunBatch, Trigger
from jobs.queries.run import neighbors
from jobs.templatetags.job_words import ended, run_tone, took
from jobs.views.drawing import events_of
from opsportal import clock
from opsportal.components import Text
from opsportal.keyset import page_of

# A run has ten batches as a rule.
MOST_BATCHES = 100
ITEMS = 20
HISTORY = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log; `lines` are the job's own words meanwhile."""

    at: datetime
    text: Text
    icon: str = "clock"
    tone: str = ""
    lines: tuple[str, ...] = ()


def progress_of(run: Run) -> dict[str, Any]:
    """All that changes while it runs."""
    batches = list(RunBatch.objects.filter(run=run).order_by("-number")[:MOST_BATCHES][::-1])
    job = registry.find(run.job)
    elapsed = (run.ended_at or clock.now()) - run.started_at if run.started_at else None
    return {
        "run": run, "job": job, "batches": batches, "elapsed": elapsed, "lines": log_of(run, batches), "shown": MOST_BATCHES,
        "has_more": "\n" in run.error.strip(),
    }  # fmt: skip


def page_of_run(run: Run, cursor: str) -> dict[str, Any]:
    """`cursor`: of the list of items that failed in it."""
    job = registry.find(run.job)
    older, newer = neighbors(run)
    failed = FailedItem.objects.filter(run=run)
    is_open = failed.exclude(state=ItemState.SETTLED).exists()
    why = standing(job).why_not(clock.now(), ignore_interval=True) if job and is_open and not run.is_active else None
    return progress_of(run) | {
        "older": older, "newer": newer, "page": page_of(failed, cursor, fields=("last_failed_at", "id"), size=ITEMS), "is_open": is_open, "why": why,
        "reruns": run.reruns.order_by("pk").values_list("pk", flat=True)[:HISTORY], "events": events_of(for_entity("run", run.pk)[:HISTORY]),
    }  # fmt: skip


def log_of(run: Run, batches: list[RunBatch]) -> list[Line]:
    """From being asked for to its end, oldest first."""
    lines = [Line(run.created_at, _asked(run), "note")]
    if run.started_at:
        started = _("Started on %(worker)s with fencing token %(token)s.") % {"worker": run.worker or "?", "token": run.token}
        lines.append(Line(run.started_at, started, "resume"))
    lines += [_batch(batch) for batch in batches]
    if run.stop_asked_at:
        lines.append(Line(run.stop_asked_at, _("%(who)s asked it to stop.") % {"who": run.stop_asked_by}, "stop"))
    lines.sort(key=lambda line: line.at)
    if run.ended_at:
        said = run.error.splitlines()[0] if run.error else ""
        lines.append(Line(run.ended_at, f"{capfirst(run.get_state_display())}. {ended(run)}", tone=run_tone(run), lines=(said,) if said else ()))
    return lines


def _asked(run: Run) -> str:
    if run.trigger == Trigger.SCHEDULE:
        return _("Asked for by the schedule.")
    return _("Asked for by %(who)s (%(how)s).") % {"who": run.actor_label, "how": run.get_trigger_display()}


def _batch(batch: RunBatch) -> Line:
    figures = {"number": batch.number, "items": batch.items, "failed": batch.failed_items, "time": took(batch)}
    text = ngettext("Batch %(number)s: %(items)s item in %(time)s", "Batch %(number)s: %(items)s items in %(time)s", batch.items) % figures
    if batch.failed_items:
        text = _("%(batch)s, %(failed)s of them failed") % {"batch": text, **figures}
    return Line(batch.ended_at, f"{text}.", tone="warn" if batch.failed_items else "ok", lines=tuple(batch.lines))

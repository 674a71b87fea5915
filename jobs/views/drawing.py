"""Charts of runs, oldest first, and audit rows as lines of a timeline."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from audit import registry
from audit.models import AuditLog
from jobs.models import Run
from jobs.queries.desk import SHOWN
from jobs.queries.run import is_measured
from jobs.templatetags.job_words import run_tone
from opsportal import charts
from opsportal.components import Event

_ICONS = {"RUN_JOB": "resume", "RERUN_FAILED_ITEMS": "rerun", "STOP_RUN": "stop", "CHANGE_SCHEDULE": "clock", "SET_ITEM_ASIDE": "note"}


def strip_of(runs: Sequence[Run]) -> charts.Chart:
    """The state of the last SHOWN runs; `runs` are newest first."""
    words = {
        "ok": _("succeeded"),
        "warn": _("stopped, interrupted, or with failed items"),
        "fail": _("failed"),
        "unknown": _("waiting or running"),
        "off": _("did not run"),
    }
    points = [(_label(run), run_tone(run)) for run in reversed(runs[:SHOWN])]
    good = sum(tone == "ok" for _label, tone in points)
    title = _("%(good)s of the last %(all)s runs succeeded with every item") % {"good": good, "all": len(points)}
    return charts.strip(title, points, columns=(_("Run"), _("State")), words=words, places=SHOWN)


def durations(runs: Sequence[Run], guard: int) -> charts.Chart | None:
    """Seconds of each run, with the time guard as the limit where it is near; None for less than two. An interrupted one is a gap."""
    started = [run for run in reversed(runs) if run.started_at is not None and not run.is_active]
    points = [(_label(run), round(run.duration.total_seconds(), 1) if is_measured(run) and run.duration is not None else None) for run in started]
    known = [value for _name, value in points if value is not None]
    if len(known) < 2:
        return None
    title = _("Seconds of each of the last %(count)s runs that started") % {"count": len(points)}
    # A guard that is far away would press the course flat.
    limit = float(guard) if max(known) > guard / 4 else None
    return charts.line(title, points, columns=(_("Run"), _("Seconds")), limit=limit, limit_words=_("time guard %(n)s s") % {"n": guard})


def _label(run: Run) -> str:
    return f"#{run.pk}, {date_format(localtime(run.started_at or run.created_at), 'SHORT_DATETIME_FORMAT')}"


def events_of(rows: Iterable[AuditLog]) -> list[Event]:
    return [
        Event(
            row.created_at,
            f"{row.actor_label}: {registry.label(row.action_type)}",
            row.reason,
            icon=_ICONS.get(row.action_type, "audit"),
            url=reverse("audit_row", args=[row.pk]),
        )
        for row in rows
    ]

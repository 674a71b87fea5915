"""States, times and reasons of jobs as people read them."""

import json
from datetime import timedelta
from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.timezone import get_default_timezone, get_default_timezone_name, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs import registry, words
from jobs.engine.standing import Why
from jobs.models import ItemState, Run, RunBatch, Schedule, State
from jobs.queries import JobView
from jobs.schedule import next_due
from opsportal import access, clock

register = template.Library()

_JOB_STATES = {
    "running": ("ok", gettext_lazy("running")),
    "queued": ("unknown", gettext_lazy("waiting for a worker")),
    "stuck": ("warn", gettext_lazy("no worker takes it")),
    "tripped": ("fail", gettext_lazy("turned itself off")),
    "off": ("off", gettext_lazy("off")),
    "unscheduled": ("unknown", gettext_lazy("no scheduler")),
    "failing": ("fail", gettext_lazy("failing")),
    "never": ("unknown", gettext_lazy("never ran")),
    "items": ("warn", gettext_lazy("items need a person")),
    "failed": ("warn", gettext_lazy("failed")),
    "interrupted": ("warn", gettext_lazy("interrupted")),
    "fine": ("ok", gettext_lazy("in order")),
}
_RUN_TONES = {
    State.QUEUED: "unknown", State.RUNNING: "unknown", State.SUCCEEDED: "ok", State.STOPPED: "warn", State.FAILED: "fail",
    State.INTERRUPTED: "warn", State.REFUSED: "off",
}  # fmt: skip
_ITEM_TONES = {ItemState.WAITING: "warn", ItemState.GIVEN_UP: "fail", ItemState.SETTLED: "ok"}


def run_tone(run: Run) -> str:
    """A run that did all but some of its items is not simply fine."""
    tone = _RUN_TONES[State(run.state)]
    return "warn" if tone == "ok" and run.failed_items else tone


@register.inclusion_tag("components/status.html")
def job_status(view: JobView) -> dict[str, str]:
    tone, word = _JOB_STATES[view.state]
    return {"tone": tone, "word": str(word)}


@register.inclusion_tag("components/status.html")
def run_status(run: Run) -> dict[str, str]:
    return {"tone": run_tone(run), "word": run.get_state_display()}


@register.inclusion_tag("components/status.html")
def item_status(item: Any) -> dict[str, str]:
    return {"tone": _ITEM_TONES[ItemState(item.state)], "word": item.get_state_display()}


@register.filter
def title_of(name: str) -> str:
    """A job's title; its bare name where this version has no such job any more."""
    job = registry.find(name)
    return str(job.title) if job else name


@register.filter
def is_registered(name: str) -> bool:
    return registry.find(name) is not None


@register.filter
def lasting(value: float | timedelta | None) -> str:
    """A length of time: “0.3 s”, “42 s”, “3 min 20 s”, “2 h 5 min”."""
    if value is None:
        return "–"
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 10:
        return _("%(n)s s") % {"n": number_format(f"{seconds:.1f}" if seconds % 1 else int(seconds))}
    whole = round(seconds)
    if whole < 120:
        return _("%(n)s s") % {"n": whole}
    if whole < 7200:
        return _("%(min)s min %(s)s s") % {"min": whole // 60, "s": whole % 60} if whole % 60 else _("%(min)s min") % {"min": whole // 60}
    return _("%(h)s h %(min)s min") % {"h": whole // 3600, "min": whole // 60 % 60} if whole // 60 % 60 else _("%(h)s h") % {"h": whole // 3600}


@register.filter
def figure(value: float | None) -> str:
    """One decimal below ten, none above; a dash for what is not known."""
    return "–" if value is None else number_format(f"{value:.1f}" if value < 10 else f"{value:.0f}")


@register.filter
def in_words(schedule: Schedule) -> str:
    """When a job is due: “every 15 minutes”, “every hour at :00”, “daily at 03:00 (America/Sao_Paulo)”."""
    if schedule.daily_at is not None:
        return _("daily at %(time)s (%(zone)s)") % {"time": schedule.daily_at.strftime("%H:%M"), "zone": get_default_timezone_name()}
    seconds = schedule.every_seconds or 0
    if seconds == 3600:
        due = localtime(next_due(schedule.times, clock.now(), get_default_timezone()), get_default_timezone())
        return _("every hour at :%(minute)s") % {"minute": f"{due:%M}"}
    return every(seconds)


def every(seconds: int) -> str:
    if seconds % 3600 == 0:
        return ngettext("every hour", "every %(n)s hours", seconds // 3600) % {"n": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("every minute", "every %(n)s minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("every second", "every %(n)s seconds", seconds) % {"n": seconds}


@register.filter
def why(reason: Why | None) -> str:
    return "" if reason is None else words.not_run(reason.code, reason.until)


@register.filter
def not_run(code: str) -> str:
    return words.not_run(code)


@register.filter
def ended(run: Run) -> str:
    """Why it ended, in a sentence; "" while it goes on."""
    if not run.ended_because:
        return ""
    return words.not_run(run.ended_because) if run.state == State.REFUSED else words.ended(run.ended_because)


@register.filter
def pretty(value: Any) -> str:
    """JSON to read."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


@register.filter
def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def took(batch: RunBatch) -> str:
    return _("under %(n)s s") % {"n": number_format("0.1")} if batch.seconds is None else lasting(batch.seconds)


@register.filter
def speed(batch: RunBatch) -> float | None:
    """Items a second."""
    return batch.items / batch.seconds if batch.seconds else None


@register.simple_tag
def who_may(permission: str) -> str:
    """The roles that have it: “Engineer, CTO”."""
    _label, roles = access.describe(permission)
    return ", ".join(roles)


@register.simple_tag
def clock_of(value: Any) -> str:
    """“22 Nov 14:02:30”: to the second, with the day, in the team's zone."""
    local = localtime(value)
    return f"{date_format(local, 'DAY_FORMAT')} {date_format(local, 'CLOCK_FORMAT')}"

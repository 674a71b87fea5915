import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import cron_secrets, words
from jobs.cron_secrets import Use
from jobs.engine.standing import Why
from jobs.models import Run, Schedule
from jobs.queries import Desk, JobView, desk


class Command(BaseCommand):
    help = "Every background job: its switch, schedule, last and next run, and why it would not run now. Then when the cron secrets were last used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        found, uses = desk(), cron_secrets.uses()
        if options["json"]:
            self.stdout.write(json.dumps(facts_of(found, uses), cls=DjangoJSONEncoder))
            return
        for line in lines_of(found, uses):
            self.stdout.write(line)


def facts_of(found: Desk, uses: list[Use]) -> dict[str, Any]:
    """What `--json` prints. Times are UTC; `not_now` is null for a job that would run now."""
    secrets = [
        {"name": use.name, "set": use.is_set, "opens": use.is_live, "last_used_at": use.used_at, "last_used_from": use.used_from} for use in uses
    ]
    return {"master_on": bool(found.master and found.master.is_on), "jobs": [_job_facts(view) for view in found.jobs], "cron_secrets": secrets}


def _job_facts(view: JobView) -> dict[str, Any]:
    schedule, switch = view.standing.schedule, view.standing.switch
    return {
        "name": view.job.name, "switch": switch.name, "switch_on": switch.is_on, "switch_forced_off": switch.forced_by_env, "state": view.state,
        "every_seconds": schedule.every_seconds, "daily_at": schedule.daily_at, "min_interval": schedule.min_interval,
        "next_due": view.next_due, "not_now": _why_facts(view.why_now), "failures_in_a_row": view.standing.failures,
        "items_waiting": view.items.waiting, "items_given_up": view.items.given_up, "active": _run_facts(view.active), "last": _run_facts(view.last),
    }  # fmt: skip


def _why_facts(why: Why | None) -> dict[str, Any] | None:
    return {"reason": why.code, "until": why.until, "detail": words.not_run(why.code, why.until)} if why else None


def _run_facts(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    names = ("state", "started_at", "ended_at", "batches", "items", "failed_items")
    return {"run_id": run.pk, "because": run.ended_because, **{name: getattr(run, name) for name in names}}


def lines_of(found: Desk, uses: list[Use]) -> Iterator[str]:
    if not (found.master and found.master.is_on):
        yield words.not_run("master_off")
    for view in found.jobs:
        yield from _job_lines(view)
    for use in uses:
        yield f"{use.name}: {_secret_words(use)}"


def _job_lines(view: JobView) -> Iterator[str]:
    switch = view.standing.switch
    is_on = _("on") if switch.is_on else _("off, by the environment") if switch.forced_by_env else _("off")
    yield f"{view.job.name}  ({switch.name} {is_on})"
    yield "  " + _("%(schedule)s, next due %(due)s") % {"schedule": _schedule_words(view.standing.schedule), "due": _local(view.next_due)}
    if view.active:
        yield "  " + _("run %(number)s: %(state)s") % {"number": view.active.pk, "state": view.active.get_state_display()}
    if view.last:
        yield "  " + _last_words(view.last)
    if view.why_now and view.why_now.code not in ("master_off", "already_running"):
        yield "  " + _("would not run now: %(why)s") % {"why": words.not_run(view.why_now.code, view.why_now.until)}
    if view.items.total:
        yield "  " + _("failed items: %(waiting)s wait for another attempt, %(given_up)s for a person") % {
            "waiting": view.items.waiting, "given_up": view.items.given_up,
        }  # fmt: skip


def _last_words(run: Run) -> str:
    said = {"number": run.pk, "state": run.get_state_display(), "when": _local(run.ended_at or run.created_at), "items": run.items}
    return _("last run %(number)s: %(state)s at %(when)s, %(items)s items") % said


def _schedule_words(schedule: Schedule) -> str:
    if schedule.daily_at is not None:
        return _("daily at %(time)s") % {"time": schedule.daily_at.strftime("%H:%M")}
    seconds = schedule.every_seconds or 0
    if seconds % 60:
        return ngettext("every second", "every %(n)s seconds", seconds) % {"n": seconds}
    return ngettext("every minute", "every %(n)s minutes", seconds // 60) % {"n": seconds // 60}


def _secret_words(use: Use) -> str:
    if not use.is_set:
        return _("not set")
    if not use.is_live:
        return _("set, but it opens nothing; “manage.py check” says why")
    if use.used_at is None:
        return _("never used")
    return _("last used %(when)s from %(where)s") % {"when": _local(use.used_at), "where": use.used_from or _("a socket")}


def _local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")

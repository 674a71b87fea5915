from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from health import schedule, words
from health.action_types import HealthAction
from health.flips import flip, flip_if_overdue
from health.models import Ping, Verdict, Why
from health.state import set_moments
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

MOST_PINGS = 300
DEFAULT_GRACE = timedelta(hours=1)


@transaction.atomic
def create_ping(
    *, actor: Actor, name: str, slug: str = "", description: str = "", every: timedelta | None = None, cron: str = "", time_zone: str = "",
    grace: timedelta = DEFAULT_GRACE, reason: str = "",
) -> Ping:  # fmt: skip
    """A ping that waits for its first call; until then its state is new, and nothing is due.

    Either `every` or `cron`. Raises Invalid for what makes no sense, Conflict (too_many) when there are MOST_PINGS.
    """
    fields = _checked(name=name, slug=slug, description=description, every=every, cron=cron, time_zone=time_zone, grace=grace)
    ping = Ping(created_by=actor.label, **fields)
    lock_creation()
    if Ping.objects.count() >= MOST_PINGS:
        raise Conflict(_("There are %(most)d pings, which is the most there can be. Delete one first.") % {"most": MOST_PINGS}, code="too_many")
    ping.save()
    _record(actor, HealthAction.CREATE_PING, ping, reason, {field: (None, value) for field, value in _shown(ping).items() if value})
    return ping


@transaction.atomic
def change_ping(
    *, actor: Actor, ping_id: int, name: str, slug: str, description: str, every: timedelta | None, cron: str, time_zone: str, grace: timedelta,
    reason: str = "",
) -> Ping:  # fmt: skip
    """Change what it is and when it is due. One that is down by silence is judged anew by the new schedule; a failure stays one.

    Raises NotFound, Invalid, and Conflict (unchanged) when nothing would change.
    """
    fields = _checked(name=name, slug=slug, description=description, every=every, cron=cron, time_zone=time_zone, grace=grace)
    ping = _locked(ping_id)
    before, now = _shown(ping), clock.now()
    flip_if_overdue(ping, now)
    for field, value in fields.items():
        setattr(ping, field, value)
    after = _shown(ping)
    if before == after:
        raise Conflict(_("“%(name)s” is exactly like this already.") % {"name": ping.name}, code="unchanged")
    _judge_anew(ping)
    ping.save()
    changes = {field: (before[field], after[field]) for field in after if before[field] != after[field]}
    _record(actor, HealthAction.CHANGE_PING, ping, reason, changes)
    return ping


@transaction.atomic
def pause_ping(*, actor: Actor, ping_id: int, reason: str) -> Ping:
    """From now on nothing is due. Calls are still kept, but judged by nobody, until a person resumes it.

    Raises NotFound, Conflict for one that is paused already, Invalid without a reason.
    """
    ping, reason = _locked(ping_id), _needed(reason)
    if ping.paused_at is not None:
        raise Conflict(_("“%(name)s” is paused already.") % {"name": ping.name}, code="already_paused")
    now = clock.now()
    flip_if_overdue(ping, now)
    ping.paused_at, ping.paused_by, ping.pause_reason = now, actor.label, reason[:500]
    ping.running_since = ping.running_rid = None
    set_moments(ping)
    ping.save()
    _record(actor, HealthAction.PAUSE_PING, ping, reason, {"paused": (False, True)})
    return ping


@transaction.atomic
def resume_ping(*, actor: Actor, ping_id: int, reason: str = "") -> Ping:
    """Judge it again. What was before is forgotten: it is waited for as if its last call were now. Raises NotFound, Conflict."""
    ping = _locked(ping_id)
    if ping.paused_at is None:
        raise Conflict(_("“%(name)s” is not paused.") % {"name": ping.name}, code="not_paused")
    now = clock.now()
    ping.paused_at, ping.paused_by, ping.pause_reason, ping.counted_from = None, "", "", now
    flip(ping, Verdict.NEW, at=now, why=Why.RESUMED)
    set_moments(ping)
    ping.save()
    _record(actor, HealthAction.RESUME_PING, ping, reason, {"paused": (True, False)})
    return ping


@transaction.atomic
def delete_ping(*, actor: Actor, ping_id: int, reason: str) -> None:
    """Remove it with its events. Its address is unknown from then on, and can't be had again. Raises NotFound, Invalid without a reason."""
    ping, reason = _locked(ping_id, for_good=True), _needed(reason)
    _record(actor, HealthAction.DELETE_PING, ping, reason, {field: (value, None) for field, value in _shown(ping).items() if value})
    ping.delete()


def lock_creation() -> None:
    """Whoever adds a ping takes turns until the transaction's end: so neither the limit nor a slug is overshot."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('health.pings'))")


def _locked(ping_id: int, *, for_good: bool = False) -> Ping:
    ping = Ping.objects.select_for_update(no_key=not for_good).filter(pk=ping_id).first()
    if ping is None:
        raise NotFound(_("There is no such ping."))
    return ping


def _judge_anew(ping: Ping) -> None:
    """Silence is measured by the new schedule. Up only if a success is what it counts from, else waited for."""
    now = clock.now()
    if ping.paused_at is None and ping.verdict == Verdict.DOWN and ping.why == Why.LATE:
        since, better = ping.verdict_at, Verdict.UP if ping.counted_from == ping.last_ping_at else Verdict.NEW
        ping.verdict = better
        set_moments(ping)
        still_late = ping.deadline is not None and now >= ping.deadline
        ping.verdict, ping.verdict_at = Verdict.DOWN, since
        if not still_late:
            flip(ping, better, at=now, why=Why.SCHEDULE)
    set_moments(ping)
    flip_if_overdue(ping, now)
    set_moments(ping)


def _checked(
    *, name: str, slug: str, description: str, every: timedelta | None, cron: str, time_zone: str, grace: timedelta
) -> dict[str, Any]:  # fmt: skip
    name, slug, cron = _line(name), slug.strip(), cron.strip()
    if not 1 <= len(name) <= 100:
        raise Invalid(_("Give it a name of 1 to 100 characters."), field="name")
    if len(slug) > 100 or not all(letter in "abcdefghijklmnopqrstuvwxyz0123456789_-" for letter in slug):
        raise Invalid(_("A slug is made of small letters, digits, hyphens and underscores; 100 at most."), field="slug")
    if (every is None) == (not cron):
        raise Invalid(_("Say how often: either a period or a cron expression."), field="cron" if every is None else "every")
    if every is not None:
        every, time_zone = schedule.check_span(every, "every"), ""
    else:
        cron = schedule.check_cron(cron, time_zone or settings.TIME_ZONE, clock.now())
    return {
        "name": name, "slug": slug, "description": _line(description)[:500], "every": every, "cron": cron, "time_zone": time_zone,
        "grace": schedule.check_span(grace, "grace"),
    }  # fmt: skip


def _line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why: it goes into the audit log."), field="reason")
    return reason.strip()


def _shown(ping: Ping) -> dict[str, str]:
    return {
        "name": ping.name, "slug": ping.slug, "description": ping.description, "schedule": words.schedule(ping), "grace": words.span(ping.grace),
    }  # fmt: skip


def _record(actor: Actor, action_type: HealthAction, ping: Ping, reason: str, changes: Changes) -> None:
    record(actor=actor, action_type=action_type, entity_type="ping", entity_id=ping.pk, entity_label=ping.name, reason=reason, changes=changes)

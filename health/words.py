"""Spans of time, and why a ping stands as it does, as people say it."""

from datetime import timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from health.models import Ping, Why
from health.state import Standing, State

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def span(value: timedelta) -> str:
    """A period or a grace time in whole minutes: “1 day 2 hours”, “90 seconds” where it is no whole minute."""
    if value % MINUTE:
        seconds = int(value.total_seconds())
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    days, hours, minutes = value // DAY, value % DAY // HOUR, value % HOUR // MINUTE
    parts = [
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes else "",
    ]
    return " ".join(part for part in parts if part)


def duration(value: timedelta) -> str:
    """How long a run took: “0.8 s”, “42 s”, “3 min 20 s”, “2 h 5 min”."""
    seconds = value.total_seconds()
    if seconds < 10:
        return _("%(n)s s") % {"n": number_format(round(seconds, 1))}
    if seconds < 60:
        return _("%(n)s s") % {"n": int(seconds)}
    if seconds < 3600:
        return _("%(m)d min %(s)d s") % {"m": seconds // 60, "s": seconds % 60}
    return _("%(h)d h %(m)d min") % {"h": seconds // 3600, "m": seconds % 3600 // 60}


def schedule(ping: Ping) -> str:
    """When it is expected, in words: “every 2 hours”, or the expression and its zone."""
    if ping.every is not None:
        once = {MINUTE: _("every minute"), HOUR: _("every hour"), DAY: _("every day")}
        return once.get(ping.every) or _("every %(span)s") % {"span": span(ping.every)}
    return f"{ping.cron} ({ping.zone})"


def reason(why: str, exit_status: int | None = None) -> str:
    """Why a verdict was given. “” for a reason that needs no words."""
    if why == Why.FAIL and exit_status:
        return _("it ended with exit status %(status)d") % {"status": exit_status}
    return {
        Why.SUCCESS: _("it reported success"), Why.FAIL: _("it reported a failure"), Why.LATE: _("nothing was heard within its grace time"),
        Why.OVERRUN: _("it started, and did not end within its grace time"), Why.SCHEDULE: _("its schedule was changed"),
        Why.RESUMED: _("it was resumed and is waited for"),
    }.get(Why(why), "") if why else ""  # fmt: skip


def explain(ping: Ping, now: Standing) -> str:
    """The state in one sentence."""
    if now.state == State.PAUSED:
        return _("Paused by %(who)s: %(why)s") % {"who": ping.paused_by, "why": ping.pause_reason}
    if now.state == State.DOWN:
        return _("Down: %(why)s.") % {"why": reason(now.why, now.exit_status)}
    if now.state == State.LATE:
        return _("Expected, and not heard of yet. It is down when its grace time of %(grace)s is over.") % {"grace": span(ping.grace)}
    if now.state == State.STARTED:
        return _("Running. It is down if it does not end within %(grace)s of its start.") % {"grace": span(ping.grace)}
    if now.state == State.NEW:
        return _("Resumed, and waited for.") if ping.counted_from else _("Nothing was heard of it yet, so nobody can say whether it works.")
    return _("It reported success, and the next call is not due yet.")

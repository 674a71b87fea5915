"""What is the matter with a probe, as people say it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from health import words
from health.models import Fault, Probe, Standing

_WHY = {
    Fault.STATUS: gettext_lazy("it answered %(status)s, and %(expected)s was expected"),
    Fault.TEXT: gettext_lazy("the text “%(text)s” is not in its answer"),
    Fault.TEXT_CUT: gettext_lazy("the text “%(text)s” is not in the first megabyte of its answer"),
    Fault.JSON: gettext_lazy("“%(path)s” is %(value)s, and %(expected)s was expected"),
    Fault.JSON_MISSING: gettext_lazy("there is no “%(path)s” in its answer"),
    Fault.NOT_JSON: gettext_lazy("its answer is no JSON"),
    Fault.TOO_LONG: gettext_lazy("its answer is longer than a megabyte, too long to be read as JSON"),
    Fault.TOO_SLOW: gettext_lazy("there was no whole answer within %(seconds)s s"),
    Fault.UNREACHABLE: gettext_lazy("it can't be reached: %(error)s"),
    Fault.NO_NAME: gettext_lazy("its name leads nowhere: %(error)s"),
    Fault.REFUSED: gettext_lazy("it leads to an address that is never called: %(error)s"),
    Fault.REDIRECTS: gettext_lazy("it redirected more than %(times)s times"),
    Fault.SEALED: gettext_lazy("its headers were sealed under an earlier secret key; type them again"),
}


def why(fault: str, facts: Mapping[str, Any]) -> str:
    """Why a look failed, with its figures; with the step, where that is not the first. “” for one that did not."""
    if not fault:
        return ""
    said = str(_WHY[Fault(fault)]) % facts
    return _("step %(n)d: %(why)s") % {"n": facts["step"], "why": said} if facts.get("step", 1) > 1 else said


def seconds(milliseconds: float) -> str:
    """“84 ms”, “0.84 s”, “12.3 s”."""
    if milliseconds < 100:
        return _("%(n)s ms") % {"n": round(milliseconds)}
    value = milliseconds / 1000
    return _("%(n)s s") % {"n": number_format(value, 2 if value < 10 else 1)}


def schedule(probe: Probe) -> str:
    """“every 5 minutes”."""
    return _("every minute") if probe.every_minutes == 1 else _("every %(span)s") % {"span": words.span(probe.every)}


def was_down(since: datetime | None, until: datetime) -> str:
    """For how long; “” where nobody knows."""
    return _("It was down for %(span)s.") % {"span": words.duration(until - since)} if since else ""


def silent(probe: Probe) -> str:
    return _("It should look %(schedule)s, and there was no result for longer than three times that.") % {"schedule": schedule(probe)}


def explain(probe: Probe) -> str:
    """The state in one sentence."""
    if probe.paused_at is not None:
        return _("Paused by %(who)s: %(why)s") % {"who": probe.paused_by, "why": probe.pause_reason}
    if probe.state == Standing.NEW:
        return _("Nobody has looked yet, so nobody can say whether it works.")
    if probe.state == Standing.UP:
        slow = probe.last_ms is not None and probe.last_ms > probe.good_ms
        return _("It answers as expected, but slowly.") if slow else _("It answers as expected.")
    reason = why(probe.last_fault, probe.last_facts)
    if probe.state == Standing.DOWN:
        return _("Down: %(why)s.") % {"why": reason}
    left = probe.down_after - probe.failures
    more = ngettext("%(n)d more failure and it is down", "%(n)d more failures and it is down", left) % {"n": left}
    return _("Failing: %(why)s. %(more)s.") % {"why": reason, "more": more}

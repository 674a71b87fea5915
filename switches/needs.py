"""Switches that are off, for Today: the master stands still for everything. From what the frame has read already."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Need
from opsportal.words import Words
from switches.frame import off_of
from switches.models import Switch
from switches.queries import state_of
from switches.registry import MASTER

NAMED = 3


def found(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("switches.view"):
        return
    off = off_of(request)
    if off and off[0].name == MASTER:
        yield _master(off[0])
    # A job's breaker is told of by its job.
    others = [switch for switch in off if switch.name != MASTER and switch.changed_by != BREAKER]
    if others:
        title = ngettext("%(n)s switch is off", "%(n)s switches are off", len(others)) % {"n": len(others)}
        named = ", ".join(switch.name for switch in others[:NAMED])
        detail = _("%(names)s and others. On purpose still?") if len(others) > NAMED else _("%(names)s. On purpose still?")
        url = reverse("switch", args=[others[0].name]) if len(others) == 1 else reverse("switches")
        since = min((switch.since for switch in others if switch.since), default=None)
        act = Act(Words(gettext_noop("Look at it")), url, "switches.view")
        yield Need(needs.UNTIDY, State.WARN, title, detail % {"names": named}, url, act, since)


# The name under which the jobs' breaker turns a switch off (jobs.engine.ending.ACTOR).
BREAKER = "jobs"


def _master(switch: Switch) -> Need:
    state, url = state_of(switch), reverse("switch", args=[MASTER])
    act = Act(Words(gettext_noop("Turn it on")), url, "switches.turn_on")
    if state.forced_by_env:
        detail = _("This server's environment holds it off.")
    else:
        detail = _("%(who)s: %(reason)s") % {"who": state.by, "reason": state.reason} if state.reason else state.by
    return Need(needs.STANDSTILL, State.FAIL, _("The master switch is off: no job runs"), detail, url, act, state.since)


def register() -> None:
    needs.register_needs(found)

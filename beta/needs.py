"""What of the beta needs a person now, and its tile on Today. From the program that the frame has read already."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from beta.frame import program_of
from beta.models import Program
from beta.queries.desk import desk
from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Gauge, Need
from opsportal.words import Figure, Words

LINE = "beta-seats"


def found(request: HttpRequest) -> Iterable[Need]:
    if not request.user.has_perm("beta.view"):
        return
    program = program_of(request)
    if (stop := _stop(program)) is not None:
        yield stop
    yield from _seats(program)
    if program.invites_paused_at is not None:
        said = program.invites_pause_reason
        detail = _("%(who)s: %(reason)s") % {"who": program.invites_paused_by, "reason": said} if said else program.invites_paused_by
        act = Act(Words(gettext_noop("Let invites work")), reverse("beta_unpause"), "beta.manage_invites")
        yield Need(needs.WAITING, State.WARN, _("Invites are paused"), detail, reverse("beta"), act, program.invites_paused_at)


def _stop(program: Program) -> Need | None:
    state, url = desk(program), reverse("beta")
    if not (program.is_stopped or state.env_paused):
        return None
    if program.stopped_at is not None and not program.stop_reason:
        say = Act(Words(gettext_noop("Say why")), url, "beta.stop_signups")
        detail = _("%(who)s stopped them and has not said why.") % {"who": program.stopped_by}
        return Need(needs.STANDSTILL, State.FAIL, _("Signups are stopped, without a reason"), detail, url, say, program.stopped_at)
    resume = Act(Words(gettext_noop("Resume signups")), reverse("beta_resume"), "beta.resume_signups") if program.stopped_at else None
    detail = " ".join(filter(None, (state.held_by, program.stop_reason)))
    return Need(needs.STANDSTILL, State.WARN, _("Signups are stopped"), detail, url, resume, state.stopped_since)


def _seats(program: Program) -> Iterable[Need]:
    taken, cap = program.seats_taken, program.cap
    if taken < cap:
        return
    act = Act(Words(gettext_noop("Change the cap")), reverse("beta_cap"), "beta.change_program")
    detail = _("%(taken)s of %(cap)s seats are taken.") % {"taken": taken, "cap": cap}
    if taken > cap:
        yield Need(needs.TRUST, State.FAIL, _("More households than the cap allows"), detail, reverse("beta_households"), act)
    else:
        yield Need(needs.WAITING, State.WARN, _("The beta is full: nobody new gets a seat"), detail, reverse("beta"), act)


def seats(request: HttpRequest) -> Gauge | None:
    if not request.user.has_perm("beta.view"):
        return None
    program = program_of(request)
    mark = desk(program).mark
    state = State.FAIL if program.seats_taken > program.cap else State.WARN if program.seats_taken >= mark else State.OK
    return Gauge(
        _("Households"), Figure(program.seats_taken, of=program.cap), state, _("warns at %(mark)s") % {"mark": mark}, reverse("beta"), line=LINE
    )


def register() -> None:
    needs.register_needs(found)
    needs.register_gauge(seats, order=10)

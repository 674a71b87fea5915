"""What the beta shows around every page: the signups fact, the STOP button, the banner; on Today, what a new team does first."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import date as date_filter
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from beta import setup
from beta.models import Program
from beta.queries import find_households, get_program
from beta.queries.desk import desk
from opsportal import clock, frame, search


def program_of(request: HttpRequest) -> Program:
    """The program, read once a request."""
    if not hasattr(request, "_beta_program"):
        request._beta_program = get_program()  # type: ignore[attr-defined]
    return request._beta_program  # type: ignore[attr-defined, no-any-return]


def _stopped(program: Program) -> bool:
    return program.is_stopped or settings.BETA_SIGNUPS_PAUSED


def _since(program: Program) -> str:
    at = program.stopped_at or program.env_stopped_at
    if at is None:
        return ""
    local = localtime(at)
    return date_filter(local, "H:i") if local.date() == clock.today() else date_filter(local, "D H:i")


def fact(request: HttpRequest) -> frame.Fact | None:
    if not request.user.has_perm("beta.view"):
        return None
    program, url = program_of(request), reverse("beta")
    seats = f"{program.seats_taken}/{program.cap}"
    if _stopped(program):
        return frame.Fact(_("Signups · %(seats)s") % {"seats": seats}, _("STOPPED %(since)s") % {"since": _since(program)}, "stopped", url)
    if program.seats_taken >= program.cap:
        return frame.Fact(_("Signups"), _("full, %(seats)s") % {"seats": seats}, "warn", url)
    tone = "warn" if program.seats_taken >= desk(program).mark or program.invites_paused_at else "ok"
    word = _("invites paused, %(seats)s") if program.invites_paused_at else _("open, %(seats)s")
    return frame.Fact(_("Signups"), word % {"seats": seats}, tone, url)


def banner(request: HttpRequest) -> frame.Part | None:
    if not request.user.has_perm("beta.view") or not _stopped(program_of(request)):
        return None
    return frame.Part("beta/_banner.html", {"desk": desk(program_of(request)), "may_explain": request.user.has_perm("beta.stop_signups")})


def bar_action(request: HttpRequest) -> frame.Part | None:
    """STOP for those who may; RESUME while the button holds."""
    program = program_of(request)
    if _stopped(program):
        return frame.Part("beta/_resume_button.html") if program.is_stopped and request.user.has_perm("beta.resume_signups") else None
    return frame.Part("beta/_stop_button.html") if request.user.has_perm("beta.stop_signups") else None


def hits(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if request.user.has_perm("beta.view"):
        for household in find_households(text=text).order_by("-created_at")[: search.MOST_HITS]:
            yield search.Hit(str(household), gettext_lazy("Household"), reverse("beta_household", args=[household.pk]))


def register() -> None:
    frame.register_nav(
        frame.NavItem(gettext_lazy("Beta"), "beta", "beta", "beta.view", group="program", order=10, prefix="/ops/beta/", count=_waiting),
    )
    frame.register_fact(fact, order=10)
    frame.register_banner(banner, order=10)
    frame.register_bar_action(bar_action, order=10)
    frame.register_card(setup.card, order=5)
    search.register_search(hits)


def _waiting(request: HttpRequest) -> int:
    """A stop without a reason waits for somebody to say why."""
    program = program_of(request)
    return int(program.stopped_at is not None and not program.stop_reason)

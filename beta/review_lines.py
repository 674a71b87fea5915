"""The lines of the reviews about the beta: seats, refusals, invites, a stop that stands."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from beta.models import Program
from beta.queries import get_program, refusals_by_reason
from beta.queries.desk import WARN_AT, Desk, desk
from beta.queries.invite import unused_invites
from opsportal import clock
from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.words import MINUTES, Figure, Words, counted, listed, moment, said

DAY = timedelta(hours=24)
# More refused codes than people mistype in a day: somebody may be guessing.
MOST_WRONG_INVITES = 20
# Whoever is refused for these wanted in, and it was our side that said no.
OURS = frozenset({"signups_stopped", "cap_reached", "gate_unavailable", "invites_paused"})
NAMED = 3


def register() -> None:
    register_line(
        Line("beta-seats", "beta", _("Seats taken"), _("warns at 90 %, fails over the cap"), seats, "beta.view", reviews=(MORNING, EVENING), order=10),
        Line("beta-stop", "beta", _("No stop stands without a reason"), _("open, or stopped with a reason"), stop, "beta.view",
             reviews=(MORNING, EVENING), order=20),
        Line("beta-refusals", "beta", _("Nobody was turned away by us"), _("none for a stop, a pause, the cap or the gate; 20 for wrong invites"),
             refusals, "beta.view", order=30),
        Line("beta-invites", "beta", _("Invites that nobody has used"), _("some, while there are seats"), invites, "beta.view", order=40),
    )  # fmt: skip


def _beta() -> Link:
    return Link(said("The beta"), reverse("beta"))


def seats() -> Answer:
    found = desk(get_program())
    program = found.program
    over, near = program.seats_taken > program.cap, program.seats_taken >= program.cap * WARN_AT
    links = (
        Link(counted("%(count)s household", "%(count)s households", program.seats_taken), f"{reverse('beta_households')}?status=active"),
        _beta(),
    )
    state = State.FAIL if over else State.WARN if near else State.OK
    return Answer(state, Figure(program.seats_taken, of=program.cap), _seats(found), links, _stop_act(program) if near else ())


def _stop_act(program: Program) -> tuple[Act, ...]:
    if _is_stopped(program):
        return ()
    return (Act(said("STOP signups"), reverse("beta_stop"), "beta.stop_signups"),)


def _is_stopped(program: Program) -> bool:
    return program.is_stopped or settings.BETA_SIGNUPS_PAUSED


def _seats(found: Desk) -> Words:
    if found.over:
        return counted("%(count)s household sits beyond the cap.", "%(count)s households sit beyond the cap.", found.over)
    if not found.free:
        return said("Every seat is taken.")
    free = counted("%(count)s seat is free.", "%(count)s seats are free.", found.free)
    forecast = found.forecast
    if forecast is None:
        return free
    last = said("At %(pace)s a day the last one goes on day %(day)s of %(days)s.", pace=forecast.pace, day=forecast.day, days=found.program.days)
    return Words("%(all)s", {"all": listed([free, last], by=" ")})


def stop() -> Answer:
    """Its figure: for how long signups have been stopped."""
    program = get_program()
    if not _is_stopped(program):
        return Answer(State.OK, Figure(0, MINUTES), said("Signups are open."), (_beta(),))
    since = program.stopped_at or program.env_stopped_at
    minutes = (clock.now() - since).total_seconds() // 60 if since else None
    unexplained = program.stopped_at is not None and not program.stop_reason
    acts = [Act(said("Say why"), reverse("beta"), "beta.stop_signups")] if unexplained else []
    if program.stopped_at:
        acts.append(Act(said("Resume signups"), reverse("beta_resume"), "beta.resume_signups"))
    return Answer(State.FAIL if unexplained else State.WARN, Figure(minutes, MINUTES), _stopped(program), (_beta(),), tuple(acts))


def _stopped(program: Program) -> Words:
    if program.stopped_at is None:
        hosts = ", ".join(program.env_stops) or str(settings.OPS_INSTANCE)
        if program.env_stopped_at is None:
            return said("Stopped by the environment variable BETA_SIGNUPS_PAUSED of %(hosts)s.", hosts=hosts)
        at = moment(program.env_stopped_at)
        return said("Stopped since %(at)s by the environment variable BETA_SIGNUPS_PAUSED of %(hosts)s.", at=at, hosts=hosts)
    values = {"at": moment(program.stopped_at), "who": program.stopped_by, "reason": program.stop_reason}
    if not program.stop_reason:
        return said("Stopped since %(at)s by %(who)s, and nobody has said why.", **values)
    return said("Stopped since %(at)s by %(who)s: %(reason)s", **values)


def refusals() -> Answer:
    """Of 24 hours."""
    found = refusals_by_reason(clock.now() - DAY)
    happened = [(code, label, count) for code, label, count in found.rows if count]
    ours = sum(count for code, _label, count in happened if code in OURS)
    invites = sum(count for code, _label, count in happened if code.startswith("invite_"))
    links = [_refused(code, Words.of_label(label)) for code, label, _count in happened[:NAMED]]
    state = State.WARN if ours or invites > MOST_WRONG_INVITES or found.is_capped else State.OK
    return Answer(state, Figure(found.total), _refusals(happened, found.is_capped), (*links, Link(said("All refusals"), reverse("beta_refusals"))))


def _refused(code: str, label: Words) -> Link:
    return Link(label, f"{reverse('beta_refusals')}?code={code}")


def _refusals(happened: Sequence[tuple[str, object, int]], is_capped: bool) -> Words:
    if not happened:
        return said("Nobody was refused in 24 hours.")
    named = listed([said("%(why)s %(count)s", why=Words.of_label(label), count=count) for _code, label, count in happened[:NAMED]])  # type: ignore[arg-type]
    return said("More than were counted: %(reasons)s.", reasons=named) if is_capped else said("%(reasons)s.", reasons=named)


def invites() -> Answer:
    """Uses, not codes. Never fails: without an invite nobody new comes, and that may be wanted."""
    program, found = get_program(), unused_invites()
    needed = program.invite_only and program.seats_taken < program.cap and not program.invites_paused_at
    link = Link(said("Live invites"), f"{reverse('beta_invites')}?state=live")
    acts = (Act(said("Create invites"), reverse("beta_invite_create"), "beta.manage_invites"),)
    return Answer(
        State.WARN if needed and not found.live else State.OK, Figure(found.live), _unused(program, found.live, found.expiring), (link,), acts
    )


def _unused(program: Program, live: int, expiring: int) -> Words:
    if program.invites_paused_at:
        return said("Invites are paused since %(at)s by %(who)s.", at=moment(program.invites_paused_at), who=program.invites_paused_by)
    if not live:
        return said("No invite can let anybody in.") if program.invite_only else said("Nobody needs one: the beta is open to all.")
    if not expiring:
        return said("None of them expires within 48 hours.")
    return counted("%(count)s of them expires within 48 hours.", "%(count)s of them expire within 48 hours.", expiring)

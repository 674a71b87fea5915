"""The line of the reviews about the safety switches."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from opsportal.lines import EVENING, MORNING, Act, Answer, Line, Link, State, register_line
from opsportal.words import Figure, Words, listed, moment, said
from switches import forced, queries
from switches.models import Switch

NAMED = 3


def register() -> None:
    register_line(
        Line("switches-off", "governance", _("Every safety switch is on"), _("none is off"), off, "switches.view", reviews=(MORNING, EVENING),
             order=40, limit=0)
    )  # fmt: skip


def off() -> Answer:
    """One that is off is off for a reason; it warns so that nobody forgets it."""
    found, forced_off = queries.off_now(), forced.forced_off()
    everything = Link(said("All switches"), reverse("switches"))
    if not found:
        return Answer(State.OK, Figure(0), said("Nothing is held back."), (everything,))
    links = [Link(Words.plain(one.name), reverse("switch", args=[one.name])) for one in found[:NAMED]]
    # What this server's environment forces off stays off, whatever is clicked.
    turned = [one for one in found if one.name not in forced_off][:NAMED]
    acts = [Act(said("Turn %(switch)s on", switch=one.name), reverse("switch_on", args=[one.name]), "switches.turn_on") for one in turned]
    said_of = listed([_said(one, is_forced=one.name in forced_off) for one in found[:NAMED]], by=" ")
    return Answer(State.WARN, Figure(len(found)), Words("%(all)s", {"all": said_of}), (*links, everything), tuple(acts))


def _said(switch: Switch, *, is_forced: bool) -> Words:
    if is_forced:
        return said("%(switch)s is off by the environment.", switch=switch.name)
    values = {"switch": switch.name, "at": moment(switch.since), "who": switch.changed_by, "reason": switch.reason}
    if not switch.reason:
        return said("%(switch)s since %(at)s by %(who)s.", **values)
    return said("%(switch)s since %(at)s by %(who)s: %(reason)s", **values)

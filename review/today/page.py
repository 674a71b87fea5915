"""All of Today. What is read once a request is shared with the frame around it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from opsportal import clock, frame
from opsportal.lines import State
from review.today.changes import changes_of
from review.today.duty import duty_of
from review.today.gauges import Glance, glances_of
from review.today.needs import MOST, SHOWN, Waiting, asked, needs_of
from review.today.program import program_day
from review.today.reviews import Card, cards_of
from review.today.upcoming import upcoming_of

T = TypeVar("T")

WORDS = {
    State.OK: gettext_lazy("calm"), State.WARN: gettext_lazy("waits"), State.FAIL: gettext_lazy("act now"), State.UNKNOWN: gettext_lazy("not known"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one can go to bed: a state with its word, and a sentence. Calm only where everything is known."""

    state: State
    sentence: str

    @property
    def word(self) -> str:
        return str(WORDS[self.state])


def verdict(waiting: list[Waiting], glances: list[Glance]) -> Verdict:
    """Pure. What fails outweighs what waits, and that what nobody knows; only then it is calm. A figure beyond its limit waits at least."""
    states = {one.need.state for one in waiting}
    unknown = sum(one.need.state is State.UNKNOWN for one in waiting) + sum(glance.state is State.UNKNOWN for glance in glances)
    beyond = sum(glance.state is State.FAIL for glance in glances)
    if State.FAIL in states:
        state = State.FAIL
    elif State.WARN in states or beyond:
        state = State.WARN
    else:
        state = State.UNKNOWN if unknown else State.OK
    return Verdict(state, _sentence(len(waiting), beyond, unknown))


def _sentence(count: int, beyond: int, unknown: int) -> str:
    if count:
        return ngettext("%(n)s thing needs a person.", "%(n)s things need a person.", count) % {"n": count}
    said = [_("Nothing needs a person.")]
    if beyond:
        said.append(ngettext("%(n)s figure is beyond its limit.", "%(n)s figures are beyond their limits.", beyond) % {"n": beyond})
    if unknown:
        said.append(ngettext("%(n)s figure is not known.", "%(n)s figures are not known.", unknown) % {"n": unknown})
    return " ".join(said)


def now_of(request: HttpRequest) -> dict[str, Any]:
    """What is asked for anew each minute: the verdict, the needs, the figures."""
    waiting, glances = needs_of(request), glances_of(request)
    most = MOST if request.GET.get("all") == "1" else SHOWN
    return {
        "program": program_day(request), "verdict": verdict(waiting, glances), "waiting": waiting[:most], "more": len(waiting[most:]), "is_all": most > SHOWN,
        "glances": glances, "duty": duty_of(request), "as_of": clock.now(),
    }  # fmt: skip


def page_of(request: HttpRequest) -> dict[str, Any]:
    now, cards = now_of(request), cards_of(request)
    is_mine = duty_of(request).is_held_by(request.user.pk)
    return {
        **now, "cards": frame.cards(request), "reviews": cards, "next_review": _next(cards), "is_mine": is_mine, "may_review": request.user.has_perm("review.do"),
        "days": _known(changes_of, request), "upcoming": _known(upcoming_of, request),
    }  # fmt: skip


def _known(part: Callable[[HttpRequest], list[T]], request: HttpRequest) -> list[T] | None:
    """None where it could not be found out."""
    return asked(part, request, lambda found: found, None)


def _next(cards: list[Card]) -> Card | None:
    """The review that the page's button leads to: the one to be done now, the later one first."""
    return next((card for card in reversed(cards) if card.needs_a_person), None)

"""From a snapshot to what is wrong with it, in words, and what would put it right. Pure: it reads nothing and writes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.reconciling import outside, paying
from billing.reconciling.known import Seen, seen
from billing.reconciling.problem import Level, Mark, Problem, Row, Side, plan_name, wanted
from billing.reconciling.proposal import Proposal, proposal_of
from billing.reconciling.shape import Snapshot
from billing.states import CheckoutState, FindingKind

# The gravest first: the first of them names the whole.
CHECKS: tuple[Callable[[Seen], Iterator[Problem]], ...] = (
    paying.still_given, paying.other_amount, paying.without_plan, paying.twice, paying.untied, paying.states, outside.provider, paying.events,
    outside.product,
)  # fmt: skip
LEVELS = (Level.FAIL, Level.WARN, Level.UNKNOWN, Level.OK)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`sentences` tell all of it in order. `why_not`: why nothing can be proposed about some or all of it, and what to do instead."""

    level: Level
    headline: str
    sentences: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    proposal: Proposal | None = None
    why_not: str = ""

    @property
    def kinds(self) -> tuple[FindingKind, ...]:
        return tuple(dict.fromkeys(problem.kind for problem in self.problems))

    @property
    def wants_hand(self) -> bool:
        """Whether a plan given by hand may be the answer."""
        return bool(self.why_not) and not {FindingKind.AMOUNT_DIFFERS, FindingKind.CURRENCY_DIFFERS, FindingKind.PAID_WITHOUT_PLAN}.isdisjoint(
            self.kinds
        )

    @property
    def marks(self) -> dict[tuple[Side, Row], Mark]:
        """The gravest of each cell."""
        found: dict[tuple[Side, Row], Mark] = {}
        for mark in (mark for problem in self.problems for mark in problem.marks):
            known = found.get((mark.side, mark.row))
            if known is None or LEVELS.index(mark.level) < LEVELS.index(known.level):
                found[mark.side, mark.row] = mark
        return found

    def level_of(self, side: Side) -> Level:
        """The gravest of a side; ok where nothing is marked."""
        levels = {mark.level for mark in self.marks.values() if mark.side == side}
        return min(levels, key=LEVELS.index, default=Level.OK)


def diagnose(snapshot: Snapshot) -> Diagnosis:
    at = seen(snapshot)
    problems = tuple(problem for check in CHECKS for problem in check(at))
    notes = tuple(outside.notes(at))
    proposal = proposal_of(at)
    why_not = _why_not(snapshot, problems)
    if not problems:
        level, headline, said = _agreement(snapshot)
        return Diagnosis(level, headline, (*said, *notes), (), proposal, why_not)
    sentences = tuple(dict.fromkeys(sentence for problem in problems if not _is_told(problem, problems) for sentence in problem.sentences))
    level = min((problem.level for problem in problems), key=LEVELS.index)
    first = next(problem for problem in problems if problem.level == level)
    return Diagnosis(level, first.headline, (*sentences, *_unasked(snapshot), *notes), problems, proposal, why_not)


def _is_told(problem: Problem, problems: tuple[Problem, ...]) -> bool:
    """An event without effect is why a plan is missing: told there."""
    return problem.kind == FindingKind.EVENT_WITHOUT_EFFECT and any(one.kind == FindingKind.PAID_WITHOUT_PLAN for one in problems)


def _agreement(snapshot: Snapshot) -> tuple[Level, str, list[str]]:
    """Without a problem. Whoever was not asked does not agree: that is unknown, never ok."""
    if snapshot.report is not None:
        return Level.OK, _("All sides agree"), [_agreed(snapshot)]
    headline = _("Our sides agree; the provider could not be asked") if snapshot.asked.could_not else _("Our sides agree; the provider was not asked")
    return Level.UNKNOWN, headline, list(_unasked(snapshot))


def _agreed(snapshot: Snapshot) -> str:
    checkout = snapshot.checkout
    values = {"amount": wanted(checkout), "plan": plan_name(checkout), "state": checkout.get_state_display()}
    if checkout.state != CheckoutState.PAID:
        return _("Everything agrees: %(amount)s, %(state)s. No plan is owed.") % values
    if snapshot.payments and not any(side.facts.stands for side in snapshot.payments):
        return _("Everything agrees: %(amount)s was paid and did not stay, so %(plan)s is over.") % values
    return _("Everything agrees: %(amount)s is paid, and %(plan)s was given for it.") % values


def _unasked(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.asked.could_not:
        yield _("Could not ask: %(why)s What the provider has is unknown, and is not guessed.") % {"why": snapshot.asked.words}


def _why_not(snapshot: Snapshot, problems: tuple[Problem, ...]) -> str:
    if problems and snapshot.asked.could_not:
        return _("Nothing is changed without the provider's answer. Read again in a while.")
    if problems and snapshot.report is None:
        return _("Nothing is changed without the provider's answer. Read again, and it is asked.")
    return next((problem.why_not for problem in problems if problem.why_not), "")

"""What the templates of a review draw: its lines with their buttons, and what they add up to in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opsportal import access, clock
from opsportal.lines import Act, State
from opsportal.words import Figure
from review.days import state_word
from review.models import Sample
from review.page import Group, LineView, ReviewPage
from review.status import Status


@dataclass(frozen=True, slots=True)
class Offer:
    """An act as the person meets it: a button, or who may."""

    act: Act
    may: bool
    roles: str


@dataclass(frozen=True)
class Row:
    """A line as this person sees it. `may`: tick it, note it and so on; `may_read`: have it read again. `is_live`: neither frozen nor over."""

    line: LineView
    request: HttpRequest
    may: bool
    is_live: bool
    may_read: bool = False
    sample: Sample | None = None

    @property
    def is_first_reading(self) -> bool:
        return self.line.pending and self.line.read_at is None

    @property
    def is_unread(self) -> bool:
        """Nobody could find out: reading again is what mends it."""
        return self.line.state is State.UNKNOWN and not self.line.pending

    @property
    def is_kept(self) -> bool:
        """Whether people have left something at it that is to be read."""
        return bool(self.line.note or self.line.assignee or self.line.snooze or (self.line.tick and not self.may))

    @property
    def word(self) -> str:
        return state_word(self.line.state)

    @property
    def sampled_word(self) -> str:
        return state_word(self.sample.state) if self.sample else ""

    @property
    def sampled_figure(self) -> str:
        return str(Figure.from_json(self.sample.figure)) if self.sample else ""

    @property
    def before_word(self) -> str:
        return state_word(self.line.before.state) if self.line.before else ""

    @property
    def is_other_than_before(self) -> bool:
        return self.line.before is not None and not self.is_first_reading and self.line.before.state is not self.line.state

    @property
    def offers(self) -> list[Offer]:
        return [_offer(act, self.request) for act in self.line.acts] if self.is_live else []


def _offer(act: Act, request: HttpRequest) -> Offer:
    may = request.user.has_perm(act.permission)
    return Offer(act, may, "" if may else ", ".join(access.describe(act.permission)[1]))


class Board:
    """A review as one person sees it. `samples`: by key, for one that nobody began."""

    def __init__(self, review: ReviewPage, request: HttpRequest, samples: Mapping[str, Sample] | None = None) -> None:
        self.review = review.for_person(request.user)
        self.request = request
        self.samples = samples or {}
        self.may = review.standing.is_open and request.user.has_perm("review.do")
        self.may_read = self.may and review.day == clock.today()
        self.may_begin = review.standing.can_begin and request.user.has_perm("review.do")

    @cached_property
    def rows(self) -> list[Row]:
        is_live = self.review.standing.is_open
        return [Row(line, self.request, self.may, is_live, self.may_read, self.samples.get(line.key)) for line in self.review.lines]

    @property
    def groups(self) -> list[tuple[Group, list[Row]]]:
        rows = {row.line.key: row for row in self.rows}
        return [(group, [rows[line.key] for line in group.lines]) for group in self.review.groups]

    def row(self, key: str) -> Row | None:
        return next((row for row in self.rows if row.line.key == key), None)

    @property
    def pending(self) -> list[str]:
        return [line.key for line in self.review.lines if line.pending]

    @property
    def roles(self) -> str:
        """Who does reviews."""
        return ", ".join(access.describe("review.do")[1])

    @property
    def next_open(self) -> str:
        """The key of the first line that is not ticked; empty where all are."""
        return next((line.key for line in self.review.unticked), "")

    @property
    def is_missed(self) -> bool:
        return self.review.standing.status is Status.MISSED

    @property
    def unknowns(self) -> list[LineView]:
        return [line for line in self.review.lines if line.state is State.UNKNOWN and line.snooze is None]

    @property
    def is_no_go(self) -> bool:
        """Unknown is never green."""
        return bool(self.review.open_fails or self.unknowns)

    @property
    def is_ready(self) -> bool:
        return not self.review.unticked and not self.is_no_go

    # --- in words

    @property
    def sum(self) -> str:
        """“11 lines: 6 ok, 2 warn, 2 fail, 1 unknown”. What is read for the first time has no state yet."""
        reading = sum(row.is_first_reading for row in self.rows)
        counts = self.review.counts
        counts[State.UNKNOWN] -= reading
        parts = [f"{count} {state_word(state)}" for state, count in counts.items() if count]
        parts += [_("%(n)s being read") % {"n": reading}] if reading else []
        lines = ngettext("%(n)s line", "%(n)s lines", self.review.total) % {"n": self.review.total}
        return _("%(lines)s: %(parts)s") % {"lines": lines, "parts": ", ".join(parts)} if parts else lines

    @property
    def done_words(self) -> str:
        return _("%(done)s of %(total)s") % {"done": self.review.ticked, "total": self.review.total}

    @property
    def left_words(self) -> str:
        left = len(self.review.unticked)
        if not left:
            return _("Every line is done.")
        return ngettext("%(n)s line is not ticked.", "%(n)s lines are not ticked.", left) % {"n": left}

    @property
    def no_go_words(self) -> str:
        """“2 lines fail. 1 line is unknown.”"""
        fails, unknowns = len(self.review.open_fails), len(self.unknowns)
        failing = ngettext("%(n)s line fails.", "%(n)s lines fail.", fails) % {"n": fails}
        unknown = ngettext("%(n)s line is unknown.", "%(n)s lines are unknown.", unknowns) % {"n": unknowns}
        return " ".join(words for words, count in ((failing, fails), (unknown, unknowns)) if count)

    @property
    def standing_words(self) -> str:
        """Of one that nobody has begun."""
        standing = self.review.standing
        at, by = (date_format(localtime(one), "TIME_FORMAT") for one in (standing.at, standing.by))
        return {
            Status.LATER: _("That day has not come yet. The review is due at %(at)s."),
            Status.WAITING: _("Due at %(at)s, done by %(by)s."),
            Status.DUE: _("Due since %(at)s, done by %(by)s."),
            Status.LATE: _("Late: it should have been done by %(by)s."),
            Status.MISSED: _("Missed: nobody began it."),
            Status.NONE: _("That day is outside the program. No review was asked for, and none was done."),
        }.get(standing.status, "") % {"at": at, "by": by}

    @property
    def signing_points(self) -> list[str]:
        """What signing does, and which lines speak against it."""
        points = [self.sum + ".", self.left_words]
        if self.review.open_fails:
            points.append(_("These fail: %(lines)s.") % {"lines": _questions(self.review.open_fails)})
        if self.unknowns:
            points.append(_("These are unknown, which counts as NO-GO: %(lines)s.") % {"lines": _questions(self.unknowns)})
        return [*points, _("Figures, ticks and notes are frozen with your name, for good.")]


def _questions(lines: Iterable[LineView]) -> str:
    return ", ".join(f"“{line.question}”" for line in lines)

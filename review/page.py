"""What the page of a review shows: plain values, from the live rows or from what a signed one froze."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

from opsportal.lines import GROUPS, Act, Answer, Link, State, Text
from opsportal.words import Figure, Words
from review.status import Standing


class Viewer(Protocol):
    def has_perm(self, perm: str, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something, and when."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class SnoozeView:
    until: datetime
    reason: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """The line's figure a day before: of the signed review of that day, else the sample nearest to a day before this one was begun."""

    day: date
    state: State
    figure: Figure


@dataclass(frozen=True, slots=True)
class EarlierNote:
    """What the review before this one left for whoever does this one."""

    kind: str
    day: date
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a review. `state` is UNKNOWN where nothing was read; `error` then says why, as a sentence.

    `pending`: an answer is on its way; what is shown is the one before, or nothing. `open_fail`: it fails and nobody snoozed it.
    """

    key: str
    group: str
    question: Words
    threshold: Words
    permission: str
    state: State
    answer: Answer
    error: Words = field(default_factory=Words)
    pending: bool = False
    asked_at: datetime | None = None
    read_at: datetime | None = None
    seconds: float | None = None
    tick: Stamp | None = None
    note: Note | None = None
    assignee_id: str = ""
    assignee: str = ""
    snooze: SnoozeView | None = None
    before: Before | None = None

    @property
    def figure(self) -> Figure:
        return self.answer.figure

    @property
    def detail(self) -> Words:
        return self.answer.detail

    @property
    def evidence(self) -> tuple[Link, ...]:
        return self.answer.evidence

    @property
    def acts(self) -> tuple[Act, ...]:
        return self.answer.acts

    @property
    def open_fail(self) -> bool:
        return self.state is State.FAIL and self.snooze is None

    @property
    def note_seen(self) -> str:
        """What a form of the note carries, so that a note that moved meanwhile isn't overwritten."""
        return self.note.text if self.note else ""


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    label: Text
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One review of one day. `hidden`: how many of its lines the person may not see (for_person).

    Nobody has begun it: `begun` is None, and its lines, of what is registered today, hold no figures.
    """

    kind: str
    day: date
    standing: Standing
    lines: tuple[LineView, ...]
    begun: Stamp | None = None
    signed: Stamp | None = None
    sign_reason: str = ""
    note: str = ""
    earlier_note: EarlierNote | None = None
    hidden: int = 0

    def for_person(self, user: Viewer) -> "ReviewPage":
        """Without the lines that the person may not see."""
        seen = tuple(line for line in self.lines if user.has_perm(line.permission))
        return replace(self, lines=seen, hidden=self.hidden + len(self.lines) - len(seen))

    def line(self, key: str) -> LineView | None:
        return next((line for line in self.lines if line.key == key), None)

    @property
    def groups(self) -> list[Group]:
        found: dict[str, list[LineView]] = {}
        for line in self.lines:
            found.setdefault(line.group, []).append(line)
        return [Group(key, GROUPS.get(key, key), tuple(lines)) for key, lines in found.items()]

    @property
    def counts(self) -> dict[str, int]:
        """Lines by state: ok, warn, fail, unknown."""
        counted = Counter(line.state for line in self.lines)
        return {str(state): counted[state] for state in State}

    @property
    def pending(self) -> int:
        """How many answers are on their way."""
        return sum(line.pending for line in self.lines)

    @property
    def unseen(self) -> list[LineView]:
        """Lines whose first answer is on its way."""
        return [line for line in self.lines if line.pending and line.read_at is None]

    @property
    def open_fails(self) -> list[LineView]:
        return [line for line in self.lines if line.open_fail]

    @property
    def unticked(self) -> list[LineView]:
        return [line for line in self.lines if line.tick is None]

    @property
    def ticked(self) -> int:
        return len(self.lines) - len(self.unticked)

    @property
    def total(self) -> int:
        return len(self.lines)

    @property
    def figures_at(self) -> datetime | None:
        """When the newest of the figures was read."""
        return max((line.read_at for line in self.lines if line.read_at), default=None)

"""The day's two reviews, and how yesterday's ended."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.http import HttpRequest

from opsportal import clock, lines
from opsportal.lines import State
from review.models import Kind, Review
from review.status import Standing, Status, standing_of
from review.today.program import ProgramDay, program_day

# A day, and its review if somebody has begun one.
Of = tuple[date, Review | None]
COUNTED = (State.FAIL, State.WARN, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Card:
    """`done` of `total` lines are ticked. `counts`: the lines that are not ok, by state. `yesterday`: how the same review of the day before ended."""

    kind: Kind
    is_expected: bool
    standing: Standing
    review: Review | None
    done: int
    total: int
    counts: tuple[tuple[str, int], ...]
    yesterday: Standing
    yesterday_review: Review | None

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def segments(self) -> list[bool]:
        return [place < self.done for place in range(self.total)]

    @property
    def needs_a_person(self) -> bool:
        """Outside the program nobody is asked for a review; what was begun is to be signed all the same."""
        return self.standing.needs_a_person and (self.is_expected or self.review is not None)

    @property
    def missed_yesterday(self) -> bool:
        return self.yesterday.status is Status.MISSED


def cards_of(request: HttpRequest) -> list[Card]:
    """The morning's and the evening's. One query, once a request."""
    if not hasattr(request, "_review_cards"):
        request._review_cards = _cards(program_day(request)) if request.user.has_perm("review.view") else []  # type: ignore[attr-defined]
    return request._review_cards  # type: ignore[attr-defined, no-any-return]


def _cards(program: ProgramDay) -> list[Card]:
    days = (program.today, program.today - timedelta(days=1))
    rows = {(row.kind, row.day): row for row in _reviews(days)}
    return [_card(kind, program, *((day, rows.get((kind, day))) for day in days)) for kind in (Kind.MORNING, Kind.EVENING)]


def _reviews(days: tuple[date, ...]) -> list[Review]:
    states = {str(state): Count("lines", filter=Q(lines__state=state)) for state in COUNTED}
    counted = {"all_lines": Count("lines"), "ticked": Count("lines", filter=Q(lines__ticked_at__isnull=False))}
    return list(Review.objects.filter(day__in=days).defer("snapshot", "note", "sign_reason").annotate(**counted, **states))


def _card(kind: Kind, program: ProgramDay, today: Of, yesterday: Of) -> Card:
    review, now = today[1], clock.now()
    standings = [
        standing_of(kind, day, row, now=now, expected=is_expected)
        for (day, row), is_expected in zip((today, yesterday), program.is_expected, strict=True)
    ]
    done, total = (review.ticked, review.all_lines) if review else (0, len(lines.lines_of(kind)))  # type: ignore[attr-defined]
    found = [(str(state), getattr(review, str(state)) if review else 0) for state in COUNTED]
    counts = tuple((state, count) for state, count in found if count)
    return Card(kind, program.is_expected[0], standings[0], review, done, total, counts, standings[1], yesterday[1])

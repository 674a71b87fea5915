"""Reviews and their figures over days: the calendar, the trend of a line, samples for sparklines."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import TruncDate
from django.utils import timezone

from beta.models import Program
from beta.queries.program import day_of, get_program
from opsportal import clock
from opsportal.lines import State
from opsportal.words import Figure
from review.models import Kind, Review, Sample
from review.page import Stamp
from review.status import Standing, moment, standing_of

A_DAY = timedelta(days=1)
MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """A review of a day in the calendar. `counts` (ok, warn, fail, unknown) of a signed one; `ticked` of `total` lines of one that is begun."""

    standing: Standing
    counts: dict[str, int]
    begun: Stamp | None = None
    signed: Stamp | None = None
    ticked: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """`number`: which day of the program it is, from 1; None outside it."""

    day: date
    number: int | None
    is_today: bool
    morning: Mark
    evening: Mark

    @property
    def marks(self) -> tuple[Mark, Mark]:
        return self.morning, self.evening


@dataclass(frozen=True, slots=True)
class TrendDay:
    """A line's figure of a day: of its signed review, else of the day's last sample. `state` None: nothing is known of that day.

    `value` is the number to draw (None: no figure), in the figure's unit. `kind`: of the signed review; "" for a sample.
    """

    day: date
    state: State | None = None
    figure: Figure = field(default_factory=Figure)
    kind: str = ""

    @property
    def value(self) -> float | None:
        return self.figure.value


@dataclass(frozen=True, slots=True)
class Point:
    """A sample: `value` in the figure's unit, None where there was no figure."""

    at: datetime
    value: float | None
    state: State


def calendar(first: date, last: date) -> list[CalendarDay]:
    """Both reviews of each day, oldest first, 400 days at most. Two queries."""
    days = list(_days(first, last))
    program, now, today = get_program(), clock.now(), clock.today()
    ticked = Count("lines", filter=Q(lines__ticked_at__isnull=False))
    # Of a signed one the counts say it; its rows need not be counted.
    reviews = Review.objects.filter(day__gte=days[0], day__lte=days[-1]).defer("snapshot").annotate(ticked=ticked, total=Count("lines"))
    found = {(review.kind, review.day): review for review in reviews}

    def mark(kind: str, day: date) -> Mark:
        return _mark(found.get((kind, day)), kind, day, program, now)

    return [CalendarDay(day, day_of(program, day), day == today, mark(Kind.MORNING, day), mark(Kind.EVENING, day)) for day in days]


def trend_of(key: str, first: date, last: date) -> list[TrendDay]:
    """The line's figure of each day, oldest first, 400 days at most. Of two signed reviews of a day the evening's counts. Two queries."""
    days = list(_days(first, last))
    known = _last_samples(key, days[0], days[-1]) | _signed(key, days[0], days[-1])
    return [known.get(day, TrendDay(day)) for day in days]


def samples_of(keys: Iterable[str], *, since: datetime) -> dict[str, list[Point]]:
    """The samples of each line since a moment, oldest first. One query, for all of them; a line without any is left out."""
    found: dict[str, list[Point]] = defaultdict(list)
    for key, at, value, state in Sample.objects.filter(key__in=list(keys), at__gte=since).order_by("key", "at").values_list(*_COLUMNS):
        found[key].append(Point(at, value, State(state)))
    return dict(found)


_COLUMNS = ("key", "at", "value", "state")


def _days(first: date, last: date) -> Iterator[date]:
    last = max(first, min(last, first + (MOST_DAYS - 1) * A_DAY))
    for number in range((last - first).days + 1):
        yield first + number * A_DAY


def _mark(review: Review | None, kind: str, day: date, program: Program, now: datetime) -> Mark:
    standing = standing_of(kind, day, review, now=now, expected=day_of(program, day) is not None)
    if review is None:
        return Mark(standing, {})
    return Mark(
        standing, {str(state): review.counts.get(state, 0) for state in State} if review.is_signed else {}, Stamp(review.begun_at, review.begun_by), Stamp(review.signed_at, review.signed_by) if review.signed_at else None,
        ticked=review.ticked, total=review.total,  # type: ignore[attr-defined]
    )  # fmt: skip


def _signed(key: str, first: date, last: date) -> dict[date, TrendDay]:
    # The snapshots stay in the database: of each only this line is fetched.
    line = KeyTransform("answer", KeyTransform(key, KeyTransform("lines", "snapshot")))
    reviews = Review.objects.filter(day__gte=first, day__lte=last, signed_at__isnull=False).annotate(line=line).filter(line__isnull=False)
    # The evening last, so that it stays.
    rows = reviews.order_by(F("kind").desc()).values_list("day", "kind", "line")
    return {day: TrendDay(day, State(answer["state"]), Figure.from_json(answer["figure"]), kind) for day, kind, answer in rows}


def _last_samples(key: str, first: date, last: date) -> dict[date, TrendDay]:
    midnight = datetime.min.time()
    since, until = moment(first, midnight), moment(last + A_DAY, midnight)
    day = TruncDate("at", tzinfo=timezone.get_default_timezone())
    samples = Sample.objects.filter(key=key, at__gte=since, at__lt=until).annotate(day=day).order_by("day", "-at").distinct("day")
    return {one: TrendDay(one, State(state), Figure.from_json(figure)) for one, state, figure in samples.values_list("day", "state", "figure")}

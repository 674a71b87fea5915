"""What the pages over all days show: both reviews of each, the course of one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from beta.models import Program
from beta.queries.program import get_program
from opsportal import charts, clock
from opsportal.lines import EVENING, MORNING, Line, all_lines, find
from opsportal.words import COUNT, MINUTES, PERCENT, SECONDS, Figure
from review.days import SHOWN, Cell, cell_of, state_word
from review.models import Kind
from review.queries.history import CalendarDay, Mark, Point, TrendDay, calendar, samples_of, trend_of
from review.queries.review import live_snoozes

Context = dict[str, Any]
A_DAY = timedelta(days=1)
MOST_DAYS = 366
_UNITS = (COUNT, PERCENT, SECONDS, MINUTES)


@dataclass(frozen=True, slots=True)
class DayRow:
    day: CalendarDay
    marks: tuple[tuple[Cell, Mark], ...]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line in the list of all: `kinds` in words; `values` of its last day's samples."""

    line: Line
    kinds: str
    values: tuple[float | None, ...]
    last: Point | None

    @property
    def word(self) -> str:
        return state_word(self.last.state) if self.last else ""


def span_of(program: Program, today: date) -> tuple[date, date]:
    """The program's days until today, the last 366 at most; without a program, or before it, the last fortnight."""
    if program.starts_on is None or program.starts_on > today:
        return today - (SHOWN - 1) * A_DAY, today
    return max(program.starts_on, today - (MOST_DAYS - 1) * A_DAY), today


def days_page(request: HttpRequest) -> Context:
    program, today = get_program(), clock.today()
    days = calendar(*span_of(program, today))
    rows = [DayRow(day, tuple((cell_of(day, mark), mark) for mark in day.marks)) for day in reversed(days)]
    has_program = program.starts_on is not None and program.starts_on <= today
    reviewed = has_program or any(mark.begun for day in days for mark in day.marks)
    return {
        "today": rows[0], "rows": rows if reviewed else [], "has_program": has_program, "program": program, "lines": _lines_of(request),
    }  # fmt: skip


def _lines_of(request: HttpRequest) -> list[LineRow]:
    seen = [line for line in all_lines() if request.user.has_perm(line.permission)]
    samples = samples_of([line.key for line in seen], since=clock.now() - A_DAY)
    return [_line_row(line, samples.get(line.key, [])) for line in seen]


def _line_row(line: Line, points: Sequence[Point]) -> LineRow:
    labels = {MORNING: _("morning"), EVENING: _("evening")}
    kinds = ", ".join(labels[kind] for kind in line.reviews)
    return LineRow(line, kinds, tuple(point.value for point in points), points[-1] if points else None)


def line_for(request: HttpRequest, key: str) -> Line:
    """Raises Http404 for a line that there is not, or that the person may not see."""
    line = find(key)
    if line is None or not request.user.has_perm(line.permission):
        raise Http404
    return line


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A line's figure of a day. `cell`: the signed review it is from; None for a sample."""

    of: TrendDay
    number: int | None
    cell: Cell | None
    signed_by: str

    @property
    def word(self) -> str:
        return state_word(self.of.state) if self.of.state else ""


def trend_page(request: HttpRequest, line: Line) -> Context:
    first, last = span_of(get_program(), clock.today())
    points, days = trend_of(line.key, first, last), calendar(first, last)
    rows = [_trend_row(point, day) for point, day in zip(points, days, strict=True)]
    return {
        "line": line, "rows": rows[::-1], "drawing": draw(line, points),
        "snooze": live_snoozes([line.key], clock.now()).get(line.key), "kinds": [(kind, Kind(kind).label) for kind in line.reviews],
        "today": last.isoformat(), "is_known": any(point.state for point in points),
    }  # fmt: skip


def _trend_row(point: TrendDay, day: CalendarDay) -> TrendRow:
    mark = {Kind.MORNING: day.morning, Kind.EVENING: day.evening}.get(point.kind)  # type: ignore[call-overload]
    return TrendRow(point, day.number, cell_of(day, mark) if mark else None, mark.signed.by if mark and mark.signed else "")


def draw(line: Line, points: Sequence[TrendDay]) -> charts.Chart:
    """The figures day by day, with the line's limit. Money is drawn in its main unit."""
    unit = next((point.figure.unit for point in points if point.value is not None), COUNT)
    size = 1 if unit in _UNITS else 100
    limit = None if line.limit is None else line.limit / size
    drawn = [(_short(point.day), None if point.value is None else point.value / size) for point in points]
    columns = (_("Day"), _("Figure"))
    if len(points) == 1:
        return charts.bars(str(line.question), drawn, columns=columns)
    words = "" if line.limit is None else _("limit %(limit)s") % {"limit": Figure(line.limit, unit)}
    return charts.line(str(line.question), drawn, columns=columns, limit=limit, limit_words=words)


def _short(day: date) -> str:
    return date_format(day, "DAY_FORMAT")

"""A chart of a figure that holds from one moment to the next, like a price: steps, not slopes. Drawn on the server as charts.py's.

Time runs over the width, and the figures' own span over the height: the axis begins at zero only where that costs no detail.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from math import floor, log10

from django.utils.formats import date_format
from django.utils.timezone import localtime

from opsportal.charts import Box, Text, number

WIDTH, HEIGHT = 920, 292
LEFT, RIGHT, TOP, BASE = 76, 92, 14, 232
MARKS = BASE + 14
LABELS = BASE + 40
MOST_TICKS = 7
LABEL_HEIGHT = 13
# More steps than this are told apart by nobody: each column of the drawing then keeps its first, lowest, highest and last.
MOST_STEPS = 460

# Signs, by what they are called in the legend; drawn around (0, 0).
SIGNS = {
    "triangle": "M{x} {top}l5 9h-10z",
    "diamond": "M{x} {top}l5 5l-5 5l-5 -5z",
    "up": "M{x} {top}l5 9h-3v4h-4v-4h-3z",
    "down": "M{x} {bottom}l5 -9h-3v-4h-4v4h-3z",
    "dot": "M{left} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "ring": "M{left} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
}


@dataclass(frozen=True, slots=True)
class Spell:
    """The figure held from `since` to `until`."""

    since: datetime
    until: datetime
    value: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time that is tinted: `classes` in ops.css."""

    since: datetime
    until: datetime
    classes: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a moment: a sign of SIGNS, under the axis, or at `value`."""

    at: datetime
    sign: str
    title: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A line across, with its name at the right edge."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Sign:
    path: str
    classes: str
    title: str


@dataclass(slots=True)
class StepChart:
    """A drawing; `title` says in sentences what it shows."""

    title: str
    width: int = WIDTH
    height: int = HEIGHT
    bands: list[Box] = field(default_factory=list)
    grid: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a moment and a figure lie in the drawing."""

    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        share = (at - self.since) / ((self.until - self.since) or timedelta(seconds=1))
        return LEFT + min(max(share, 0), 1) * (WIDTH - RIGHT - LEFT)

    def y(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return BASE - min(max(share, 0), 1) * (BASE - TOP)


def steps(
    title: str,
    lines: Sequence[tuple[str, Sequence[Spell]]],
    *,
    since: datetime,
    until: datetime,
    say: Callable[[float], str],
    bands: Sequence[Band] = (),
    levels: Sequence[Level] = (),
    marks: Sequence[Mark] = (),
) -> StepChart:
    """`lines`: (classes, spells oldest first); where one spell ends before the next begins there is a gap. `say`: a figure as people read it.

    Whatever lies outside of `since` to `until` is left out.
    """
    lines = [(classes, _inside(spells, since, until)) for classes, spells in lines]
    marks = [mark for mark in marks if since <= mark.at <= until]
    known = [spell.value for _classes, spells in lines for spell in spells]
    known += [level.value for level in levels]
    # A mark never stretches the axis: one far off stands at the edge, so that the lines keep their detail.
    known = known or [mark.value for mark in marks if mark.value is not None]
    frame = Frame(since, until, *_span(known))
    chart = StepChart(title)
    _draw_axes(chart, frame, say, empty=not known)
    chart.bands = [_band(frame, band) for band in bands if band.until > since and band.since < until]
    chart.lines = [(classes, path) for classes, spells in lines for path in _paths(frame, spells)]
    chart.signs = [_sign(frame, mark) for mark in marks]
    _draw_levels(chart, frame, levels)
    return chart


def _inside(spells: Iterable[Spell], since: datetime, until: datetime) -> list[Spell]:
    return [spell for spell in spells if spell.until > since and spell.since < until]


def _span(known: Sequence[float]) -> tuple[float, float]:
    """The figures at the lower and the upper edge."""
    low, high = (min(known), max(known)) if known else (0, 1)
    air = (high - low) * 0.1 or high * 0.1 or 1
    return (0 if low <= (high - low) * 0.5 else low - air), high + air


def _ticks(low: float, high: float) -> Iterator[float]:
    """Three to six round figures between."""
    rough = (high - low) / 6
    power = 10.0 ** floor(log10(rough))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
    value = (low // step + (low % step > 0)) * step
    while value <= high:
        yield value
        value += step


def _draw_axes(chart: StepChart, frame: Frame, say: Callable[[float], str], *, empty: bool) -> None:
    if not empty:
        for tick in _ticks(frame.low, frame.high):
            y = number(frame.y(tick))
            chart.grid.append(f"M{LEFT} {y}H{WIDTH - RIGHT}")
            chart.texts.append(Text(str(LEFT - 8), number(frame.y(tick) + 4), say(tick), "c-text c-text--e"))
    for at in _days(frame.since, frame.until):
        x = number(frame.x(at))
        chart.grid.append(f"M{x} {BASE}v5")
        chart.texts.append(Text(x, str(LABELS), date_format(localtime(at), "DAY_FORMAT"), "c-text c-text--m"))


def _days(since: datetime, until: datetime) -> list[datetime]:
    """Midnights, evenly apart, the last one the last before the end."""
    last = localtime(until).replace(hour=0, minute=0, second=0, microsecond=0)
    apart = timedelta(days=max(1, -(-(until - since).days // MOST_TICKS)))
    found = [last - apart * place for place in range(MOST_TICKS + 1)]
    return [at for at in reversed(found) if at >= since]


def _paths(frame: Frame, spells: Sequence[Spell]) -> Iterator[str]:
    """A path for each unbroken stretch."""
    stretch: list[Spell] = []
    for spell in spells:
        if stretch and spell.since > stretch[-1].until:
            yield _path(frame, stretch)
            stretch = []
        stretch.append(spell)
    if stretch:
        yield _path(frame, stretch)


def _path(frame: Frame, stretch: Sequence[Spell]) -> str:
    corners = [(frame.x(spell.since), frame.y(spell.value)) for spell in stretch]
    if len(corners) > MOST_STEPS:
        corners = list(_thinned(corners))
    parts = [f"M{number(corners[0][0])} {number(corners[0][1])}"]
    parts += [f"H{number(x)}V{number(y)}" for x, y in corners[1:]]
    return f"{''.join(parts)}H{number(frame.x(stretch[-1].until))}"


def _thinned(corners: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    for x, column in groupby(corners, key=lambda corner: int(corner[0])):
        heights = [y for _x, y in column]
        yield from ((x, y) for y in dict.fromkeys((heights[0], max(heights), min(heights), heights[-1])))


def _band(frame: Frame, band: Band) -> Box:
    left, right = frame.x(band.since), frame.x(band.until)
    return Box(number(left), str(TOP), number(max(right - left, 2)), str(BASE - TOP), band.classes, band.title)


def _sign(frame: Frame, mark: Mark) -> Sign:
    x, y = frame.x(mark.at), MARKS if mark.value is None else frame.y(mark.value)
    path = SIGNS[mark.sign].format(x=number(x), y=number(y), left=number(x - 4), top=number(y - 5), bottom=number(y + 8))
    return Sign(path, f"c-sign c-sign--{mark.sign}", mark.title)


def _draw_levels(chart: StepChart, frame: Frame, levels: Sequence[Level]) -> None:
    """Names that would lie over each other are moved apart."""
    below = float(BASE + LABEL_HEIGHT)
    for level in sorted(levels, key=lambda level: level.value):
        y = frame.y(level.value)
        chart.levels.append(f"M{LEFT} {number(y)}H{WIDTH - RIGHT}")
        below = min(y + 4, below - LABEL_HEIGHT)
        chart.texts.append(Text(str(WIDTH - RIGHT + 6), number(below), level.label, "c-text"))

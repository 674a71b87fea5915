"""Charts drawn on the server as SVG: geometry in attributes, colors in classes (ops.css), readable without JavaScript.

Functions return what templates/components/{chart,sparkline,seat_map,bars,meter}.html draw. A None among the figures is
"not known": a gap in a line, an outlined slot among bars, never a zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.formats import number_format

WIDTH, HEIGHT = 920, 160
LEFT, RIGHT, TOP, BASE = 44, 8, 22, 116
SPARK_WIDTH, SPARK_HEIGHT = 120, 32

Figure = float | None


@dataclass(frozen=True, slots=True)
class Text:
    x: str
    y: str
    words: str
    classes: str = "c-text c-text--m"


@dataclass(frozen=True, slots=True)
class Box:
    x: str
    y: str
    width: str
    height: str
    classes: str
    title: str = ""


@dataclass(slots=True)
class Chart:
    """A drawing and its figures: `title` says in a sentence what it shows; `rows` are behind "Show data"."""

    title: str
    columns: tuple[str, str]
    rows: list[tuple[str, str]]
    width: int = WIDTH
    height: int = HEIGHT
    boxes: list[Box] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    dots: list[tuple[str, str]] = field(default_factory=list)
    limit: str = ""
    base: str = ""
    texts: list[Text] = field(default_factory=list)


def number(value: float) -> str:
    """A coordinate with one decimal at most, in SVG's own notation whatever the locale."""
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(value, 1) + 0:.1f}".removesuffix(".0")


def say(value: Figure) -> str:
    """A figure as people read it, by locale."""
    return "–" if value is None else number_format(number(value))


def _top(values: Sequence[Figure], limit: Figure) -> float:
    """The figure at the upper edge: nothing is ever divided by zero, and a limit is always inside."""
    known = [value for value in values if value is not None]
    return max([*known, limit or 0, 0]) or 1


def _points(values: Sequence[Figure], most: float, *, left: float, right: float, top: float, base: float) -> list[list[tuple[float, float]]]:
    """Coordinates of each unbroken stretch of known figures."""
    step = (right - left) / max(len(values) - 1, 1)
    placed = [(left + step * place, value) for place, value in enumerate(values)]
    stretches = []
    for known, stretch in groupby(placed, key=lambda pair: pair[1] is not None):
        if known:
            stretches.append([(x, base - (value or 0) / most * (base - top)) for x, value in stretch])
    return stretches


def _path(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _area(points: list[tuple[float, float]], base: float) -> str:
    return f"M{number(points[0][0])} {number(base)}L{_path(points)}L{number(points[-1][0])} {number(base)}z"


def line(title: str, points: Sequence[tuple[str, Figure]], *, columns: tuple[str, str], limit: Figure = None, limit_words: str = "") -> Chart:
    """A course over time, from zero; `points` are (label, figure), oldest first."""
    values = [value for _label, value in points]
    most = _top(values, limit) * 1.08
    chart = Chart(title, columns, [(label, say(value)) for label, value in points], base=f"M{LEFT} {BASE}H{WIDTH - RIGHT}")
    for stretch in _points(values, most, left=LEFT, right=WIDTH - RIGHT, top=TOP, base=BASE):
        if len(stretch) == 1:
            chart.dots.append((number(stretch[0][0]), number(stretch[0][1])))
        else:
            chart.lines.append(_path(stretch))
            chart.areas.append(_area(stretch, BASE))
    _mark_limit(chart, limit, limit_words, most)
    known = [value for value in values if value is not None]
    if known:
        chart.texts += [Text(str(LEFT - 6), str(BASE + 4), "0", "c-text c-text--e")]
        chart.texts += [Text(str(LEFT - 6), number(_height(max(known), most) + 4), say(max(known)), "c-text c-text--e c-text--b")]
    _label_ends(chart, [label for label, _value in points])
    return chart


def _height(value: float, most: float) -> float:
    return BASE - value / most * (BASE - TOP)


def _mark_limit(chart: Chart, limit: Figure, words: str, most: float) -> None:
    if limit is not None:
        y = _height(limit, most)
        chart.limit = f"M{LEFT} {number(y)}H{WIDTH - RIGHT}"
        chart.texts.append(Text(str(WIDTH - RIGHT), number(y - 5), words or say(limit), "c-text c-text--e"))


def _label_ends(chart: Chart, labels: list[str]) -> None:
    if labels:
        chart.texts.append(Text(str(LEFT), str(BASE + 20), labels[0], "c-text"))
    if len(labels) > 1:
        chart.texts.append(Text(str(WIDTH - RIGHT), str(BASE + 20), labels[-1], "c-text c-text--e"))


def bars(
    title: str, points: Sequence[tuple[str, Figure]], *, columns: tuple[str, str], now: int | None = None, expected: Sequence[Figure] = ()
) -> Chart:
    """A bar each; `now` is the place of the one still growing; `expected` (same places) is outlined behind."""
    values = [value for _label, value in points]
    most = _top([*values, *expected], None)
    chart = Chart(title, columns, [(label, say(value)) for label, value in points], base=f"M0 {BASE}H{WIDTH}")
    slot = WIDTH / max(len(points), 1)
    width = min(34.0, slot * 0.62)
    for place, (label, value) in enumerate(points):
        middle = slot * (place + 0.5)
        hoped = expected[place] if place < len(expected) else None
        if hoped is not None:
            chart.boxes.append(_bar(middle, width - 1, hoped, most, classes="c-bar--next"))
        if value is not None:
            chart.boxes.append(_bar(middle, width, value, most, classes="c-bar--now" if place == now else "c-bar", title=f"{label}: {say(value)}"))
            chart.texts.append(Text(number(middle), number(_height(max(value, hoped or 0), most) - 6), say(value), "c-text c-text--m c-text--b"))
        chart.texts.append(Text(number(middle), str(BASE + 18), label, "c-text c-text--m c-text--b" if place == now else "c-text c-text--m"))
    return chart


def _bar(middle: float, width: float, value: float, most: float, *, classes: str, title: str = "") -> Box:
    y = _height(value, most)
    return Box(number(middle - width / 2), number(y), number(width), number(BASE - y), classes, title)


def strip(title: str, points: Sequence[tuple[str, str]], *, columns: tuple[str, str], words: dict[str, str], places: int = 0) -> Chart:
    """States one after another, as (label, tone); each is drawn with its own height and color, so that it reads without color.

    `places`: room for so many at least, so that a few are no wider than many.
    """
    heights = {"ok": 16, "warn": 24, "fail": 32, "unknown": 8, "off": 4}
    chart = Chart(title, columns, [(label, words[tone]) for label, tone in points], height=44)
    slot = WIDTH / max(len(points), places, 1)
    for place, (label, tone) in enumerate(points):
        high = heights[tone]
        box = Box(number(slot * place), number(34 - high), number(max(slot - 2, 1)), number(high), f"c-state is-{tone}", f"{label}: {words[tone]}")
        chart.boxes.append(box)
    chart.base = f"M0 34.5H{WIDTH}"
    return chart


def sparkline(values: Sequence[Figure], limit: Figure = None) -> dict[str, Any]:
    most = _top(values, limit)
    stretches = _points(values, most, left=0, right=SPARK_WIDTH, top=3, base=SPARK_HEIGHT - 3)
    drawn = [stretch for stretch in stretches if len(stretch) > 1]
    return {
        "width": SPARK_WIDTH,
        "height": SPARK_HEIGHT,
        "lines": [_path(stretch) for stretch in drawn],
        "areas": [_area(stretch, SPARK_HEIGHT) for stretch in drawn],
        "limit": "" if limit is None else f"M0 {number(SPARK_HEIGHT - 3 - limit / most * (SPARK_HEIGHT - 6))}H{SPARK_WIDTH}",
    }


def shares(rows: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    """Each figure's length in percent of the largest."""
    most = max((figure for _label, figure in rows), default=0) or 1
    return [{"label": label, "figure": figure, "length": number(figure / most * 100)} for label, figure in rows]


def meter(value: float, limit: float, mark: Figure = None) -> dict[str, Any]:
    """`length` and `mark` in percent of the limit; over it, the bar is full and `over` is true."""
    share = value / limit * 100 if limit else 100.0 if value else 0.0
    tone = "fail" if share > 100 else "warn" if mark is not None and value >= mark else "ok"
    at = number(mark / limit * 100) if mark is not None and limit else ""
    return {"length": number(min(share, 100)), "mark": at, "over": share > 100, "percent": number(share), "tone": tone}


# Cells of the seat map: 27 × 15 with gaps of 4, five rows of twenty for the usual cap of 100.
CELL_WIDTH, CELL_HEIGHT, GAP = 27, 15, 4
MOST_CELLS = 500


def seat_map(taken: int, cap: int, now: int = 0, mark: int | None = None) -> dict[str, Any]:
    """Paths of the taken, today's and free cells. Above MOST_CELLS seats there is no map, and `shown` is false."""
    total = max(cap, taken)
    down = 5 if total <= 100 else 10
    across = -(-total // down) or 1
    old = max(taken - now, 0)
    return {
        "shown": 0 < total <= MOST_CELLS,
        "taken": taken,
        "cap": cap,
        "now": now,
        "mark": mark,
        # A small cap's cells are no bigger than those of a cap of 100.
        "width": max(across, 20) * (CELL_WIDTH + GAP) - GAP,
        "height": down * (CELL_HEIGHT + GAP) - GAP + 12,
        "old_cells": _cells(range(0, min(old, cap)), down),
        "now_cells": _cells(range(min(old, cap), min(taken, cap)), down, 0.6),
        "free_cells": _cells(range(min(taken, cap), cap), down, 0.5),
        "over_cells": _cells(range(cap, taken), down),
        "mark_x": (mark // down) * (CELL_WIDTH + GAP) - GAP // 2 if mark is not None and 0 < mark <= total else None,
    }


def _cells(places: range, down: int, inset: float = 0) -> str:
    if len(places) > MOST_CELLS:
        return ""
    wide, high = number(CELL_WIDTH - 2 * inset), number(CELL_HEIGHT - 2 * inset)
    corners = ((place // down * (CELL_WIDTH + GAP) + inset, place % down * (CELL_HEIGHT + GAP) + inset) for place in places)
    return "".join(f"M{number(x)} {number(y)}h{wide}v{high}h-{wide}z" for x, y in corners)

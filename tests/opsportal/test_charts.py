"""Geometry of the charts: what is drawn is the figures, and a gap is never a zero."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsportal import charts

FIGURES = st.lists(st.one_of(st.none(), st.floats(0, 1e9, allow_nan=False)), max_size=60)
COLUMNS = ("Day", "Seats")


def numbers_in(path: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d+)?", path)]


@pytest.mark.parametrize(("value", "written"), [(0.0, "0"), (-0.04, "0"), (1.25, "1.2"), (10.0, "10"), (100.06, "100.1"), (1200.0, "1200")])
def test_number_is_written_as_svg_wants_it(value: float, written: str) -> None:
    assert charts.number(value) == written


def test_line_breaks_where_a_figure_is_not_known() -> None:
    chart = charts.line("t", [("a", 1), ("b", 2), ("c", None), ("d", 4), ("e", None), ("f", 3), ("g", 0)], columns=COLUMNS)
    assert [len(points.split()) for points in chart.lines] == [2, 2]
    assert len(chart.dots) == 1
    assert [figure for _label, figure in chart.rows] == ["1", "2", "–", "4", "–", "3", "0"]


def test_line_goes_from_the_base_at_zero_to_under_the_top() -> None:
    chart = charts.line("t", [("a", 0), ("b", 10)], columns=COLUMNS)
    assert numbers_in(chart.lines[0]) == [charts.LEFT, charts.BASE, charts.WIDTH - charts.RIGHT, pytest.approx(29, abs=0.1)]


def test_line_draws_its_limit_inside_even_if_no_figure_is_near() -> None:
    chart = charts.line("t", [("a", 1), ("b", 1)], columns=COLUMNS, limit=50, limit_words="limit 50")
    _left, y, _right = numbers_in(chart.limit)
    assert charts.TOP < y < charts.BASE
    assert [text.words for text in chart.texts] == ["limit 50", "0", "1", "a", "b"]


@given(FIGURES)
def test_line_stays_in_its_box_whatever_the_figures(values: list[float | None]) -> None:
    chart = charts.line("t", [("x", value) for value in values], columns=COLUMNS)
    for points in chart.lines:
        for x, y in (pair.split(",") for pair in points.split()):
            assert charts.LEFT <= float(x) <= charts.WIDTH - charts.RIGHT + 0.05
            assert charts.TOP <= float(y) <= charts.BASE


def test_bars_have_heights_in_proportion_and_none_for_the_unknown() -> None:
    chart = charts.bars("t", [("a", 20), ("b", 10), ("c", None), ("d", 0)], columns=COLUMNS, now=1)
    heights = [float(box.height) for box in chart.boxes]
    assert heights == [charts.BASE - charts.TOP, (charts.BASE - charts.TOP) / 2, 0]
    assert [box.classes for box in chart.boxes] == ["c-bar", "c-bar--now", "c-bar"]
    assert [box.title for box in chart.boxes] == ["a: 20", "b: 10", "d: 0"]


def test_bars_outline_what_is_expected() -> None:
    chart = charts.bars("t", [("a", 4), ("b", None)], columns=COLUMNS, expected=(None, 8))
    assert [(box.classes, float(box.height)) for box in chart.boxes] == [("c-bar", 47.0), ("c-bar--next", 94.0)]


def test_strip_gives_each_state_its_own_height() -> None:
    words = {"ok": "ok", "warn": "slow", "fail": "down", "unknown": "no data", "off": "off"}
    chart = charts.strip("t", [(tone, tone) for tone in words], columns=COLUMNS, words=words)
    assert len({box.height for box in chart.boxes}) == 5
    assert [figure for _label, figure in chart.rows] == list(words.values())


def test_sparkline_shows_gaps_and_the_limit() -> None:
    drawn = charts.sparkline([1, 2, None, 2, 1], limit=2)
    assert [len(line.split()) for line in drawn["lines"]] == [2, 2]
    assert drawn["limit"] == "M0 3H120"


@pytest.mark.parametrize("values", [[], [None], [0], [None, None], [0, 0]])
def test_nothing_to_draw_draws_nothing_wrong(values: list[float | None]) -> None:
    assert "nan" not in str(charts.sparkline(values)) + str(charts.line("t", [("x", value) for value in values], columns=COLUMNS))
    assert charts.bars("t", [("x", value) for value in values], columns=COLUMNS).title == "t"


@pytest.mark.parametrize(
    ("taken", "cap", "now", "cells"),
    [(57, 100, 3, (54, 3, 43, 0)), (0, 100, 0, (0, 0, 100, 0)), (100, 100, 100, (0, 100, 0, 0)), (5, 3, 1, (3, 0, 0, 2)), (0, 0, 0, (0, 0, 0, 0))],
)
def test_seat_map_has_a_cell_for_each_seat(taken: int, cap: int, now: int, cells: tuple[int, ...]) -> None:
    drawn = charts.seat_map(taken, cap, now)
    names = ("old_cells", "now_cells", "free_cells", "over_cells")
    assert tuple(drawn[name].count("M") for name in names) == cells


def test_seat_map_marks_between_the_columns() -> None:
    assert charts.seat_map(57, 100, 3, 90)["mark_x"] == 556
    assert charts.seat_map(57, 100, 3, 101)["mark_x"] is None


def test_seat_map_gives_way_to_a_meter_when_it_would_be_too_fine() -> None:
    assert [charts.seat_map(1, cap)["shown"] for cap in (100, 500, 501)] == [True, True, False]


@pytest.mark.parametrize(
    ("value", "limit", "mark", "expected"),
    [
        (57, 100, 90, {"length": "57", "mark": "90", "over": False, "percent": "57", "tone": "ok"}),
        (90, 100, 90, {"length": "90", "mark": "90", "over": False, "percent": "90", "tone": "warn"}),
        (104, 100, None, {"length": "100", "mark": "", "over": True, "percent": "104", "tone": "fail"}),
        (0, 0, None, {"length": "0", "mark": "", "over": False, "percent": "0", "tone": "ok"}),
    ],
)
def test_meter(value: float, limit: float, mark: float | None, expected: dict[str, object]) -> None:
    assert charts.meter(value, limit, mark) == expected


def test_shares_are_relative_to_the_largest() -> None:
    assert [row["length"] for row in charts.shares([("a", 14), ("b", 7), ("c", 0)])] == ["100", "50", "0"]
    assert [row["length"] for row in charts.shares([("a", 0)])] == ["0"]

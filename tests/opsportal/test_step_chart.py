"""Steps over time: where they stand, where they break, and what is said without looking."""

import re
from datetime import UTC, datetime, timedelta

from opsportal.step_chart import BASE, LEFT, MOST_STEPS, RIGHT, TOP, WIDTH, Band, Level, Mark, Spell, StepChart, steps

END = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEGIN = END - timedelta(days=30)


def at(day: float) -> datetime:
    return BEGIN + timedelta(days=day)


def drawn(*spells: Spell, **more: object) -> StepChart:
    return steps("Price", [("c-line", spells)], since=BEGIN, until=END, say=lambda value: f"R$ {value:.0f}", **more)  # type: ignore[arg-type]


def numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path)]


def test_a_price_holds_until_the_next_one() -> None:
    [(classes, path)] = drawn(Spell(BEGIN, at(15), 100), Spell(at(15), END, 200)).lines
    assert (classes, re.sub(r"[\d.]+", "", path)) == ("c-line", "M HVH")
    left, high, middle, low, right = numbers(path)
    assert (left, middle, right) == (LEFT, LEFT + (WIDTH - RIGHT - LEFT) / 2, WIDTH - RIGHT)
    assert TOP < low < high < BASE


def test_a_gap_in_time_is_a_gap_in_the_line() -> None:
    assert len(drawn(Spell(BEGIN, at(10), 100), Spell(at(12), END, 100)).lines) == 2


def test_what_lies_outside_is_left_out_and_what_reaches_in_is_cut() -> None:
    [(_classes, path)] = drawn(Spell(at(-20), at(-10), 900), Spell(at(-10), at(3), 100)).lines
    assert numbers(path)[0] == LEFT
    assert "R$ 900" not in [text.words for text in drawn(Spell(at(-20), at(-10), 900)).texts]


def test_the_axis_keeps_the_detail_of_prices_that_lie_together() -> None:
    said = [text.words for text in drawn(Spell(BEGIN, at(15), 10_000), Spell(at(15), END, 10_400)).texts if text.words.startswith("R$")]
    assert said == ["R$ 10000", "R$ 10100", "R$ 10200", "R$ 10300", "R$ 10400"]
    assert drawn(Spell(BEGIN, at(15), 100), Spell(at(15), END, 1_000)).texts[0].words == "R$ 0"


def test_one_price_for_ever_and_no_price_at_all_can_be_drawn() -> None:
    assert len(drawn(Spell(BEGIN, END, 100)).lines) == 1
    assert (drawn().lines, [text.words for text in drawn().texts if text.words.startswith("R$")]) == ([], [])


def test_a_mark_far_off_stands_at_the_edge_and_does_not_press_the_lines_flat() -> None:
    far = Mark(at(3), "ring", "R$ 1, held back", 1)
    chart = drawn(Spell(BEGIN, at(15), 10_000), Spell(at(15), END, 10_400), marks=[far])
    assert chart.lines == drawn(Spell(BEGIN, at(15), 10_000), Spell(at(15), END, 10_400)).lines
    assert [(sign.classes, sign.title, numbers(sign.path)[1]) for sign in chart.signs] == [("c-sign c-sign--ring", "R$ 1, held back", BASE)]


def test_bands_are_cut_to_the_drawing_and_never_too_thin_to_see() -> None:
    chart = drawn(bands=[Band(at(-5), at(15), "c-span", "a"), Band(at(20), at(20), "c-gap", "b"), Band(at(-9), at(-8), "c-gap", "c")])
    assert [(box.title, box.x, float(box.width) >= 2) for box in chart.bands] == [("a", str(LEFT), True), ("b", chart.bands[1].x, True)]


def test_names_of_levels_close_together_do_not_lie_over_each_other() -> None:
    chart = drawn(Spell(BEGIN, at(9), 100), Spell(at(9), END, 200), levels=[Level(150, "median 30 d"), Level(150.5, "median 90 d")])
    heights = [float(text.y) for text in chart.texts if text.words.startswith("median")]
    assert heights[0] - heights[1] >= 13
    assert len(chart.levels) == 2


def test_days_are_named_at_midnight_of_the_shown_zone() -> None:
    words = [text.words for text in drawn(Spell(BEGIN, END, 100)).texts if text.classes == "c-text c-text--m"]
    assert (words[-1], len(words)) == ("22 Nov", 6)


def test_thousands_of_steps_keep_their_extremes_and_stay_small() -> None:
    spells = [Spell(at(place * 0.003), at((place + 1) * 0.003), 100 + place % 50) for place in range(10_000)]
    chart = steps("Price", [("c-line", [*spells[:-1], Spell(spells[-1].since, END, 149)])], since=BEGIN, until=END, say=str)
    [(_classes, path)] = chart.lines
    assert len(spells) > MOST_STEPS
    assert len(path) < 60_000
    heights = {float(one) for one in re.findall(r"V([\d.]+)", path)}
    [(_plain, few)] = drawn(Spell(BEGIN, at(1), 100), Spell(at(1), END, 149)).lines
    assert (max(heights), min(heights)) == (max(numbers(few)[1], numbers(few)[3]), min(numbers(few)[1], numbers(few)[3]))

"""Medians by time, against a count of hours."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.risk.facts import PricePoint
from catalog.risk.timeline import DAY, deviation, medians, middle, spells, window
from tests.catalog.risk.offers import NOW, ago, past

HOURS = 24


def by_hour(history):
    """The price of each hour up to now, the newest last, and the hours it stood in all."""
    told = sorted({point.at: point.price for point in history}.items())
    hours = []
    for (at, price), (until, _next) in zip(told, [*told[1:], (NOW, 0)], strict=True):
        hours += [price] * round((until - at).total_seconds() / 3600)
    runs, start = [0] * len(hours), 0
    for index in range(len(hours) + 1):
        if index == len(hours) or hours[index] != hours[start]:
            runs[start:index] = [index - start] * (index - start)
            start = index
    return list(zip(hours, runs, strict=True))


def usual(hours):
    ordered = sorted(price for price, _run in hours)
    return ordered[(len(ordered) - 1) // 2]


def lowest(hours, median):
    last = hours[-1][0]
    return min([last, *(price for price, run in hours if run >= 24 or price >= 0.4 * median)])


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(1, 150 * HOURS), st.integers(1, 60) | st.integers(90, 110)), min_size=1, max_size=60, unique_by=lambda pair: pair[0]
    )
)
def test_medians_and_lows_are_those_of_an_hourly_count(told):
    history = past(*((hours / HOURS, price) for hours, price in told))
    hours = by_hour(history)
    month, quarter = hours[-30 * HOURS :], hours[-90 * HOURS :]
    median = usual(quarter)
    assert medians(history, NOW) == (usual(month), median, lowest(month, median), lowest(quarter, median))


def test_a_price_counts_by_its_time_not_by_its_readings():
    history = past((90, 10_000), *((2 - hour / 24, 5_000 + hour) for hour in range(40)))
    assert medians(history, NOW) == (10_000, 10_000, 5_000, 5_000)


def test_a_price_from_before_the_window_still_counts_in_it():
    assert medians(past((400, 10_000)), NOW) == (10_000, 10_000, 10_000, 10_000)


def test_no_history_has_no_medians():
    assert medians((), NOW) == (None, None, None, None)
    assert medians(past((1, 10_000, None, True), (-1, 9_000), (2, 0)), NOW) == (None, None, None, None)


def test_a_price_of_this_second_counts():
    assert medians(past((0, 10_000)), NOW) == (10_000, 10_000, 10_000, 10_000)


def test_medians_of_the_past_know_nothing_of_what_came_later():
    history = past((100, 10_000), (40, 5_000))
    assert medians(history, ago(41)) == (10_000, 10_000, 10_000, 10_000)
    assert medians(history, NOW) == (5_000, 10_000, 5_000, 5_000)


def test_a_slip_of_less_than_a_day_is_no_low():
    assert medians(past((90, 10_000), (10, 99), (9.5, 10_000)), NOW).low90 == 10_000
    assert medians(past((90, 10_000), (10, 99), (8.9, 10_000)), NOW).low90 == 99
    assert medians(past((90, 10_000), (10, 4_000), (9.5, 10_000)), NOW).low90 == 4_000
    assert medians(past((90, 10_000), (0.1, 99)), NOW).low90 == 99


def test_spells_join_points_that_say_the_same():
    history = past((3, 100), (2, 100), (1, 100, 120), (0.5, 100, 120))
    assert spells(history, NOW) == [(-3 * DAY, -DAY, 100, None), (-DAY, 0, 100, 120)]


def test_spells_of_one_moment_leave_the_last():
    at = ago(1)
    assert spells([PricePoint(at, 90), PricePoint(at, 100), PricePoint(ago(2), 80)], NOW) == [(-2 * DAY, -DAY, 80, None), (-DAY, 0, 100, None)]


def test_window_is_cut_off_at_its_edges():
    stretches = spells(past((10, 100), (5, 200)), NOW)
    assert window(stretches, -7 * DAY, -2 * DAY) == [(-7 * DAY, -5 * DAY, 100, None), (-5 * DAY, -2 * DAY, 200, None)]
    assert window(stretches, -5 * DAY, -4 * DAY) == [(-5 * DAY, -4 * DAY, 200, None)]
    assert window(stretches, -20 * DAY, -10 * DAY) == []
    assert window([], -7 * DAY) == []


def test_middle_is_the_smallest_value_that_half_the_weight_does_not_exceed():
    assert middle([(3, 1), (1, 1)]) == 1
    assert middle([(3, 2), (1, 1)]) == 3
    assert middle([]) is None


def test_deviation_is_the_middle_distance_by_time():
    stretches = spells(past((90, 100), (40, 130), (10, 90)), NOW)
    assert deviation(stretches, -90 * DAY, 100) == 0
    assert deviation(stretches, -60 * DAY, 100) == 10

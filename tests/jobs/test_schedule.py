from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.schedule import Daily, Every, due_between, next_due

NEW_YORK, LISBON, SAO_PAULO = ZoneInfo("America/New_York"), ZoneInfo("Europe/Lisbon"), ZoneInfo("America/Sao_Paulo")
# Lord Howe's clock jumps by half an hour.
ZONES = [NEW_YORK, LISBON, SAO_PAULO, ZoneInfo("UTC"), ZoneInfo("Australia/Adelaide"), ZoneInfo("Australia/Lord_Howe")]
MOST = 50_000

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=40))
everys = st.builds(Every, st.integers(600, 7 * 24 * 3600))
dailies = st.builds(Daily, st.times().map(lambda at: at.replace(microsecond=0)))
schedules = everys | dailies


def local(zone, *values):
    return datetime(*values, tzinfo=zone).astimezone(UTC)


def shown(moments, zone):
    return [moment.astimezone(zone).strftime("%m-%d %H:%M") for moment in moments]


def daily(at, zone, first, last):
    """The due times from the first day to the last, on the zone's clock."""
    found = due_between(Daily(at), local(zone, *first) - timedelta(seconds=1), local(zone, *last, 23, 59), zone, most=MOST)
    return shown(found, zone)


@settings(deadline=None)
@given(schedules, moments, spans, zones)
def test_due_times_are_in_order_and_within_the_span(schedule, after, span, zone):
    found = due_between(schedule, after, after + span, zone, most=MOST)
    assert found == sorted(set(found))
    assert all(after < due <= after + span for due in found)


@settings(deadline=None)
@given(schedules, moments, st.lists(st.timedeltas(timedelta(0), timedelta(days=3)), min_size=1, max_size=20), zones)
def test_any_ticks_find_each_due_time_once(schedule, start, steps, zone):
    """However the time is cut into ticks, what they find together is what one look at the whole finds: no gap, no duplicate."""
    found, last = [], start
    for step in steps:
        found += due_between(schedule, last, last + step, zone, most=MOST)
        last += step
    assert found == due_between(schedule, start, last, zone, most=MOST)


@settings(deadline=None)
@given(schedules, moments, zones)
def test_next_due_is_the_first_that_a_later_look_finds(schedule, after, zone):
    due = next_due(schedule, after, zone)
    assert due_between(schedule, after, due, zone, most=MOST) == [due]


@settings(deadline=None)
@given(everys, moments, spans, zones)
def test_every_is_a_grid_without_gaps_whatever_the_zone(schedule, after, span, zone):
    found = due_between(schedule, after, after + span, zone, most=MOST)
    assert {later - earlier for earlier, later in pairwise(found)} <= {schedule.interval}
    assert all(due.timestamp() % schedule.seconds == 0 for due in found)


@settings(deadline=None)
@given(dailies, moments, spans, zones)
def test_daily_is_a_day_apart_give_or_take_the_change_of_clock(schedule, after, span, zone):
    found = due_between(schedule, after, after + span, zone, most=MOST)
    assert all(timedelta(hours=23) <= later - earlier <= timedelta(hours=25) for earlier, later in pairwise(found))


@settings(deadline=None)
@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(days=400)), zones, st.integers(1, 50))
def test_of_too_many_the_newest_are_kept(schedule, after, span, zone, most):
    found = due_between(schedule, after, after + span, zone, most=most)
    assert len(found) <= most
    if found:
        assert found == due_between(schedule, found[0] - timedelta(microseconds=1), after + span, zone, most=MOST)
        assert next_due(schedule, found[-1], zone) > after + span


def test_a_year_of_seconds_is_not_counted_through():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert due_between(Every(1), now - timedelta(days=365), now, UTC, most=3) == [now - timedelta(seconds=2), now - timedelta(seconds=1), now]


def test_daily_in_the_hour_that_new_york_skips_is_an_hour_later_that_day():
    # 2026-03-08: 02:00 becomes 03:00.
    assert daily(time(2, 30), NEW_YORK, (2026, 3, 7), (2026, 3, 9)) == ["03-07 02:30", "03-08 03:30", "03-09 02:30"]


def test_daily_in_the_hour_that_new_york_has_twice_is_due_the_first_time():
    # 2026-11-01: 02:00 becomes 01:00.
    found = due_between(Daily(time(1, 30)), local(NEW_YORK, 2026, 10, 31, 12), local(NEW_YORK, 2026, 11, 2, 12), NEW_YORK, most=MOST)
    assert found == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 2, 6, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        # 01:00 becomes 02:00 on 2026-03-29, and 02:00 becomes 01:00 on 2026-10-25.
        ((2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ((2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_daily_at_lisbons_change_of_clock(day, due):
    assert due_between(Daily(time(1, 30)), local(LISBON, *day) - timedelta(seconds=1), local(LISBON, *day, 23), LISBON, most=MOST) == [due]


@pytest.mark.parametrize(("month", "day"), [(3, 8), (11, 1)])
def test_every_goes_on_evenly_through_the_change_of_clock(month, day):
    start = datetime(2026, month, day, tzinfo=UTC)
    found = due_between(Every(900), start, start + timedelta(days=1), NEW_YORK, most=MOST)
    assert found == [start + timedelta(minutes=15 * number) for number in range(1, 97)]


def test_daily_at_the_end_of_a_month_and_on_a_leap_day():
    assert daily(time(9), SAO_PAULO, (2026, 1, 30), (2026, 2, 1)) == ["01-30 09:00", "01-31 09:00", "02-01 09:00"]
    assert daily(time(9), SAO_PAULO, (2028, 2, 28), (2028, 3, 1)) == ["02-28 09:00", "02-29 09:00", "03-01 09:00"]
    assert daily(time(9), SAO_PAULO, (2027, 2, 28), (2027, 3, 1)) == ["02-28 09:00", "03-01 09:00"]
    assert daily(time(0), SAO_PAULO, (2026, 12, 31), (2027, 1, 1)) == ["12-31 00:00", "01-01 00:00"]


def test_every_at_the_end_of_a_year_and_on_a_leap_day():
    assert next_due(Every(86400), datetime(2026, 12, 31, 12, tzinfo=UTC), SAO_PAULO) == datetime(2027, 1, 1, tzinfo=UTC)
    leap = due_between(Every(86400), datetime(2028, 2, 28, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC), SAO_PAULO, most=MOST)
    assert leap == [datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)]


def test_more_often_than_once_a_second_is_refused():
    with pytest.raises(ValueError, match="once a second"):
        Every(0)

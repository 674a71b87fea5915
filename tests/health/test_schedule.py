from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from health.models import Ping
from health.schedule import check_cron, check_span, check_zone, cron_times, expected_after
from opsportal.errors import Invalid

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def times(cron: str, zone: str, after: datetime, most: int = 3) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in islice(cron_times(cron, zone, after), most)]


def test_a_period_is_counted_from_the_last_call():
    assert expected_after(Ping(every=timedelta(minutes=90)), START) == START + timedelta(minutes=90)


def test_an_expression_is_read_in_its_zone_and_answered_in_utc():
    assert times("0 3 * * *", "America/Sao_Paulo", START) == ["2026-11-21 06:00", "2026-11-22 06:00", "2026-11-23 06:00"]
    assert expected_after(Ping(cron="0 3 * * *", time_zone="Europe/Lisbon"), START) == datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_a_call_on_the_very_minute_is_followed_by_the_next_time():
    assert times("0 3 * * *", "UTC", datetime(2026, 11, 21, 3, 0, 0, tzinfo=UTC), 1) == ["2026-11-22 03:00"]


def test_month_ends_and_leap_days():
    assert times("30 23 L * *", "UTC", datetime(2027, 1, 30, tzinfo=UTC)) == ["2027-01-31 23:30", "2027-02-28 23:30", "2027-03-31 23:30"]
    assert times("0 0 31 * *", "UTC", datetime(2027, 1, 31, 12, tzinfo=UTC)) == ["2027-03-31 00:00", "2027-05-31 00:00", "2027-07-31 00:00"]
    assert times("0 0 29 2 *", "UTC", START, 2) == ["2028-02-29 00:00", "2032-02-29 00:00"]
    # A month's end in the team's zone is the next day in UTC.
    assert times("0 22 L * *", "America/Sao_Paulo", START, 2) == ["2026-12-01 01:00", "2027-01-01 01:00"]


def test_a_time_that_the_clock_skips_comes_right_after_the_gap():
    # New York, 14 March 2027: 02:00 becomes 03:00 (EDT, four hours behind UTC).
    before = datetime(2027, 3, 13, 12, tzinfo=UTC)
    assert times("30 2 * * *", "America/New_York", before) == ["2027-03-14 07:00", "2027-03-15 06:30", "2027-03-16 06:30"]


def test_a_time_that_comes_twice_counts_once():
    # New York, 7 November 2027: 02:00 becomes 01:00 again.
    before = datetime(2027, 11, 6, 12, tzinfo=UTC)
    assert times("30 1 * * *", "America/New_York", before) == ["2027-11-07 05:30", "2027-11-08 06:30", "2027-11-09 06:30"]


def test_what_runs_every_hour_runs_by_elapsed_time_over_a_change():
    before = datetime(2027, 3, 14, 5, 45, tzinfo=UTC)
    assert times("0 * * * *", "America/New_York", before) == ["2027-03-14 06:00", "2027-03-14 07:00", "2027-03-14 08:00"]
    before = datetime(2027, 11, 7, 4, 45, tzinfo=UTC)
    assert times("0 * * * *", "America/New_York", before) == ["2027-11-07 05:00", "2027-11-07 06:00", "2027-11-07 07:00"]


@pytest.mark.parametrize(
    "cron", ["", "* * * *", "* * * * * *", "60 * * * *", "a b c d e", "*/0 * * * *", "0 0 30 2 *", "0 0 31 2,4 *", "@daily", "0 0 1-99999999 * *", f"{'1,' * 60}1 * * * *", "٣ * * * *"]
)  # fmt: skip
def test_what_is_no_expression_is_refused(cron):
    with pytest.raises(Invalid) as refused:
        check_cron(cron, "UTC", START)
    assert refused.value.field == "cron"


@given(st.text(max_size=110) | st.builds(" ".join, st.lists(st.text("0123456789*/-,#LWMONJA", min_size=1, max_size=8), min_size=4, max_size=6)))
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_is_an_expression_or_refused(cron):
    try:
        clean = check_cron(cron, "America/Sao_Paulo", START)
    except Invalid:
        return
    assert len(clean.split(" ")) == 5
    assert next(cron_times(clean, "America/Sao_Paulo", START)) > START


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../../etc/passwd", "America", "a\x00b", "x" * 5000])
def test_what_is_no_zone_is_refused(zone):
    with pytest.raises(Invalid) as refused:
        check_zone(zone)
    assert refused.value.field == "time_zone"


def test_spans_have_their_limits():
    assert check_span(timedelta(minutes=1), "every") == timedelta(minutes=1)
    for span in (timedelta(seconds=59), timedelta(0), timedelta(days=365, seconds=1), timedelta(minutes=-5)):
        with pytest.raises(Invalid) as refused:
            check_span(span, "grace")
        assert refused.value.field == "grace"

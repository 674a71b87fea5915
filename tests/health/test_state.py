from datetime import UTC, datetime, timedelta

import pytest

from health.models import Ping, Verdict, Why
from health.state import State, set_moments, standing

T = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR, GRACE = timedelta(hours=1), timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def ping(**fields: object) -> Ping:
    """Every hour, ten minutes of grace; its moments computed."""
    made = Ping(**({} if "cron" in fields else {"every": HOUR}) | {"grace": GRACE} | fields)
    set_moments(made)
    return made


def up(**fields: object) -> Ping:
    return ping(**{"verdict": Verdict.UP, "verdict_at": T, "counted_from": T} | fields)


def test_one_that_was_never_heard_of_is_new_for_ever():
    new = ping()
    assert (new.expected_at, new.deadline) == (None, None)
    assert standing(new, T + timedelta(days=400)).state == State.NEW
    assert standing(new, T).tone == "unknown"


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(0), State.UP), (HOUR - SECOND, State.UP), (HOUR, State.LATE), (HOUR + GRACE - SECOND, State.LATE), (HOUR + GRACE, State.DOWN),
        (timedelta(days=90), State.DOWN),
    ],
)  # fmt: skip
def test_up_late_down_by_the_clock_alone(after, state):
    assert standing(up(), T + after).state == state


def test_down_by_silence_says_since_when_and_why():
    now = standing(up(), T + timedelta(hours=5))
    assert (now.state, now.since, now.why, now.tone) == (State.DOWN, T + HOUR + GRACE, Why.LATE, "fail")


@pytest.mark.parametrize(("after", "state"), [(timedelta(0), State.STARTED), (GRACE - SECOND, State.STARTED), (GRACE, State.DOWN)])
def test_a_run_has_the_grace_time_from_its_start(after, state):
    running = up(running_since=T + timedelta(minutes=30))
    assert standing(running, T + timedelta(minutes=30) + after).state == state
    assert standing(ping(running_since=T), T + after).state == state


def test_a_run_that_lasts_too_long_is_down_for_that_reason():
    assert standing(up(running_since=T), T + GRACE).why == Why.OVERRUN
    # Started in time, but the next call is due sooner than the run is too long: then it is the call that is missing.
    assert standing(up(running_since=T + HOUR + timedelta(minutes=5)), T + HOUR + GRACE).why == Why.LATE


def test_late_and_running_is_running_until_the_deadline():
    late = up(running_since=T + HOUR + timedelta(minutes=2))
    assert standing(late, T + HOUR + timedelta(minutes=5)).state == State.STARTED


def test_down_stays_down_while_it_runs_again():
    now = standing(ping(verdict=Verdict.DOWN, verdict_at=T, why=Why.FAIL, exit_status=3, running_since=T), T + timedelta(days=3))
    assert (now.state, now.is_running, now.why, now.exit_status, now.since) == (State.DOWN, True, Why.FAIL, 3, T)


def test_paused_is_nothing_else():
    paused = up(paused_at=T)
    assert (paused.deadline, standing(paused, T + timedelta(days=3)).state) == (None, State.PAUSED)


def test_a_cron_ping_is_expected_at_its_next_time():
    nightly = up(cron="0 3 * * *", time_zone="America/Sao_Paulo")
    assert nightly.expected_at == datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    assert [standing(nightly, datetime(2026, 11, 21, 6, minute, tzinfo=UTC)).state for minute in (0, 9, 10)] == [State.LATE, State.LATE, State.DOWN]


def test_a_cron_ping_over_a_clock_change_is_late_by_the_zones_clock():
    # Lisbon, 28 March 2027: 01:00 becomes 02:00. 01:30 is skipped; the job runs right after the gap, at 01:00 UTC.
    nightly = up(cron="30 1 * * *", time_zone="Europe/Lisbon", counted_from=datetime(2027, 3, 27, 1, 31, tzinfo=UTC))
    assert nightly.deadline == datetime(2027, 3, 28, 1, 10, tzinfo=UTC)
    # 31 October 2027: 02:00 becomes 01:00. 01:30 comes twice; its first time counts.
    nightly = up(cron="30 1 * * *", time_zone="Europe/Lisbon", counted_from=datetime(2027, 10, 30, 0, 31, tzinfo=UTC))
    assert nightly.deadline == datetime(2027, 10, 31, 0, 40, tzinfo=UTC)


def test_a_cron_ping_at_a_months_end_waits_for_the_next_one():
    monthly = up(cron="0 12 L * *", time_zone="UTC", counted_from=datetime(2027, 1, 31, 12, 0, 5, tzinfo=UTC))
    assert monthly.expected_at == datetime(2027, 2, 28, 12, 0, tzinfo=UTC)

from datetime import timedelta

import pytest

from health.models import Ping
from health.queries import durations_of, find_pings, ping_checks, pings_down, recent_calls
from health.queries.ping import counts
from health.state import State, set_moments, standing
from opsportal import clock
from tests.factories import make_ping, make_ping_event

HOUR = timedelta(hours=1)


def placed(name: str, **fields: object) -> Ping:
    """A ping whose moments are computed from the rest."""
    ping = make_ping(name=name, **fields)
    set_moments(ping)
    ping.save()
    return ping


@pytest.fixture
def all_states(db):
    now = clock.now()
    return [
        placed("new"),
        placed("resumed", counted_from=now),
        placed("up", verdict="up", counted_from=now),
        placed("late", verdict="up", counted_from=now - timedelta(minutes=65)),
        placed("silent", verdict="up", counted_from=now - 5 * HOUR),
        placed("failed", verdict="down", verdict_at=now, why="fail", exit_status=3),
        placed("failed, running", verdict="down", why="fail", running_since=now),
        placed("running", verdict="up", counted_from=now, running_since=now),
        placed("late, running", verdict="up", counted_from=now - timedelta(minutes=65), running_since=now),
        placed("overrun", running_since=now - HOUR),
        placed("paused", paused_at=now, verdict="down", why="fail"),
    ]


def test_the_database_decides_as_the_code_does(all_states):
    now = clock.now()
    for state in State:
        wanted = {ping.name for ping in all_states if standing(ping, now).state == state}
        assert {ping.name for ping in find_pings(state)} == wanted
        assert counts()[state] == len(wanted)
    assert (find_pings().count(), find_pings("nonsense").count(), sum(counts().values())) == (11, 11, 11)
    assert pings_down() == 4


def test_checks_are_the_worst_first_and_leave_paused_ones_out(all_states):
    found = [(check.name, check.is_ok) for check in ping_checks()]
    assert found == [
        ("failed", False), ("failed, running", False), ("overrun", False), ("silent", False), ("new", None), ("resumed", None), ("late", False),
        ("late, running", True), ("running", True), ("up", True),
    ]  # fmt: skip


def test_a_check_says_why(all_states):
    said = {check.name: (check.tone, check.words) for check in ping_checks()}
    assert said["failed"] == ("fail", "Down: it ended with exit status 3.")
    assert said["silent"] == ("fail", "Down: nothing was heard within its grace time.")
    assert said["overrun"] == ("fail", "Down: it started, and did not end within its grace time.")
    assert said["new"] == ("unknown", "Nothing was heard of it yet, so nobody can say whether it works.")


def test_recent_calls_are_the_last_ends_of_each_oldest_first(db, django_assert_num_queries):
    now, one, other = clock.now(), make_ping(), make_ping()
    for number in range(5):
        make_ping_event(
            one, created_at=now - timedelta(minutes=number), kind="fail" if number == 1 else "success", duration=timedelta(seconds=number)
        )
        make_ping_event(one, created_at=now - timedelta(minutes=number), kind="start")
    make_ping_event(other, created_at=now, kind="log")
    with django_assert_num_queries(1):
        found = recent_calls([one.pk, other.pk], most=3)
    assert {ping: [(call.is_success, call.duration) for call in calls] for ping, calls in found.items()} == {
        one.pk: [(True, timedelta(seconds=2)), (False, timedelta(seconds=1)), (True, timedelta(0))]
    }
    assert durations_of(one, 2) == [(now - timedelta(minutes=1), timedelta(seconds=1)), (now, timedelta(0))]

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from health.models import ProbeFlip, ProbeHour, ProbeResult
from health.probing.keeping import purge_results, roll_up, write_hours
from tests.factories import make_probe, make_probe_result

NOW = datetime(2026, 11, 20, 12, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_noon(db):
    with time_machine.travel(NOW, tick=False):
        yield


def at(clock):
    return datetime.fromisoformat(f"2026-11-20T{clock}:00Z")


def hours():
    found = ProbeHour.objects.order_by("hour")
    return [(one.hour.astimezone(UTC).hour, one.count, one.ok, one.slow, one.p50_ms, one.p95_ms, one.max_ms) for one in found]


def test_an_hour_is_rolled_up_once(db):
    probe = make_probe()
    for number in range(20):
        make_probe_result(probe, at=at(f"10:{number:02}"), ms=100 * (number + 1), is_slow=number == 19)
    make_probe_result(probe, at=at("10:59"), ok=False, ms=30_000)
    make_probe_result(probe, at=at("12:05"))
    assert (roll_up(), roll_up()) == (1, 0)
    assert hours() == [(10, 21, 20, 1, 1050, 1905, 2000)]


def test_an_hour_that_somebody_else_has_just_written_stays(db):
    make_probe_result(make_probe(), at=at("10:30"))
    assert [write_hours(at("10:00"), at("11:00")) for _time in range(2)] == [1, 0]
    assert hours() == [(10, 1, 1, 0, 500, 500, 500)]


def test_an_hour_without_a_good_look_has_no_load_time(db):
    make_probe_result(make_probe(), at=at("11:30"), ok=False)
    roll_up()
    assert hours() == [(11, 1, 0, 0, None, None, None)]


def test_an_hour_waits_for_the_looks_that_began_in_it(db):
    make_probe_result(make_probe(), at=at("11:59"))
    with time_machine.travel(at("12:04"), tick=False):
        assert roll_up() == 0
    assert roll_up() == 1


def test_hours_after_a_gap_are_found(db):
    probe = make_probe()
    make_probe_result(probe, at=NOW - 30 * 24 * HOUR)
    make_probe_result(probe, at=at("11:30"))
    assert [roll_up() for _time in range(3)] == [1, 1, 0]


def test_what_is_old_goes_and_its_hours_stay(db):
    probe = make_probe()
    for days in (30, 32, 33):
        make_probe_result(probe, at=NOW - timedelta(days=days))
    for days in (399, 401):
        ProbeHour.objects.create(probe=probe, hour=NOW - timedelta(days=days), count=1, ok=1)
        ProbeFlip.objects.create(probe=probe, at=NOW - timedelta(days=days), before="new", after="up")
    assert purge_results(most=1) == 3
    assert (purge_results(), purge_results()) == (1, 0)
    assert (ProbeResult.objects.count(), ProbeHour.objects.count(), ProbeFlip.objects.count()) == (1, 1, 1)

"""How old an answer may be, and who reads, without a database and without waiting: the time is the test's own."""

import threading
from dataclasses import dataclass

import pytest
from django.db import OperationalError

from switches import snapshot
from switches.ofrep import answers
from switches.snapshot import OLDEST, REFRESH_AFTER, RETRY_AFTER, Keeper, Snapshot


@dataclass
class Time:
    now: float = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def time(monkeypatch):
    own = Time()
    monkeypatch.setattr(snapshot, "time", own)
    return own


def reader(time, read):
    def begin():
        read.append(time.now)
        return Snapshot(time.now, {}, {}, answers([]))

    return begin


def test_one_reading_serves_everybody_until_it_is_due(time):
    read = []
    keeper = Keeper(reader(time, read))
    for _ in range(5):
        keeper.fresh()
    time.now += REFRESH_AFTER - 0.001
    keeper.fresh()
    assert read == [1000.0]
    time.now += 0.002
    assert keeper.fresh().read_at == time.now
    assert len(read) == 2


def test_nothing_older_than_half_a_second_is_called_fresh(time):
    keeper = Keeper(reader(time, []))
    for step in (0.1, 0.3, 0.39, 0.41, 0.5, 0.7, 5, 100):
        time.now += step
        assert time.now - keeper.fresh().read_at <= OLDEST
    assert OLDEST <= 0.5


def test_others_go_on_with_the_old_one_while_somebody_reads(time):
    reading, go_on = threading.Event(), threading.Event()

    def slow():
        if keeper.last is not None:
            reading.set()
            go_on.wait(60)
        return Snapshot(time.now, {}, {}, answers([]))

    keeper = Keeper(slow)
    first = keeper.fresh()
    time.now += REFRESH_AFTER + 0.01
    thread = threading.Thread(target=keeper.fresh)
    thread.start()
    try:
        assert reading.wait(60)
        assert keeper.fresh() is first
        # Beyond its age nobody serves it; and whoever has waited long enough waits no more.
        time.now += snapshot.PATIENCE + 0.01
        assert keeper.fresh() is None
    finally:
        go_on.set()
        thread.join(60)
    assert keeper.fresh().read_at == time.now


def test_after_a_failure_nobody_tries_for_a_moment_and_then_somebody_does(time):
    tries = []

    def fail():
        tries.append(time.now)
        raise OperationalError("away")

    keeper = Keeper(fail)
    assert [keeper.fresh(), keeper.fresh()] == [None, None]
    time.now += RETRY_AFTER + 0.01
    keeper.fresh()
    assert tries == [1000.0, time.now]


def test_a_mistake_in_the_reading_is_not_taken_for_a_database_that_is_away(time):
    def broken():
        raise KeyError("x")

    keeper = Keeper(broken)
    for _ in range(2):
        with pytest.raises(KeyError):
            keeper.fresh()

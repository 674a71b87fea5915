"""Workers are told soon after the answers, in few messages; a broker that is away is left alone."""

import time

import pytest
from celery import Task
from kombu.exceptions import OperationalError

from billing.intake import telling


@pytest.fixture
def sent(monkeypatch):
    """What Celery is asked to send, in place of a broker."""
    seen: list[tuple[list[int], list[int | None]]] = []
    monkeypatch.setattr(Task, "apply_async", lambda self, values, **options: seen.append(values))
    monkeypatch.setattr(telling, "_away_until", 0.0)
    return seen


def test_events_are_told_in_messages_of_fifty(sent):
    assert telling.tell(range(120)) is True
    assert [len(pks) for pks, _ms in sent] == [50, 50, 20]
    assert sent[0] == (list(range(50)), [None] * 50)


def test_what_comes_within_a_moment_is_one_message(sent, monkeypatch):
    monkeypatch.setattr(telling, "is_on", True)
    monkeypatch.setattr(telling, "GATHER_SECONDS", 0.2)
    for number in range(5):
        telling.tell_later(number, number * 10)
    deadline = time.monotonic() + 60
    while sum(len(pks) for pks, _ms in sent) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pair for pks, ms in sent for pair in zip(pks, ms, strict=True)] == [(number, number * 10) for number in range(5)]


def test_a_broker_that_is_away_is_left_alone_for_a_while(sent, monkeypatch):
    tries: list[int] = []

    def away(self, values, **options):
        tries.append(len(values[0]))
        raise OperationalError("away")

    monkeypatch.setattr(Task, "apply_async", away)
    assert (telling.tell([1, 2]), telling.tell([3])) == (False, False)
    assert tries == [2]


def test_nothing_is_told_where_nothing_may_go_on_beside(sent):
    telling.tell_later(1, 1)
    assert (sent, list(telling._waiting)) == ([], [])

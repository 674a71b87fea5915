from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from beta.models import Program
from opsportal.lines import State
from opsportal.words import Figure
from review import actions
from review.models import Sample
from review.queries.history import calendar, samples_of, trend_of
from tests.review.conftest import answer

MORNING = datetime(2026, 3, 10, 9, 5, tzinfo=timezone.get_default_timezone())
DAY = MORNING.date()
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def moves(db, settings):
    settings.OPS_MORNING_REVIEW_AT, settings.OPS_MORNING_REVIEW_BY = time(9), time(10)
    settings.OPS_EVENING_REVIEW_AT, settings.OPS_EVENING_REVIEW_BY = time(18), time(19)
    Program.objects.update(starts_on=DAY - 3 * A_DAY, days=5)
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def sample(key, at, value, state="ok"):
    Sample.objects.create(key=key, at=at, state=state, value=value, figure=Figure(value).to_json())


@pytest.fixture
def history(lines, moves, owner):
    """Three days ago both were signed, two days ago one was begun, yesterday nobody came; today's is begun."""
    values = iter([1, 2, 3, 4])
    lines("speed", lambda: answer("warn", next(values)))
    lines("other")
    moves.move_to(MORNING - 3 * A_DAY)
    for kind in ("morning", "evening"):
        actions.begin_review(actor=owner.actor, kind=kind)
        actions.sign_review(actor=owner.actor, kind=kind, day=DAY - 3 * A_DAY)
    moves.move_to(MORNING - 2 * A_DAY)
    actions.begin_review(actor=owner.actor, kind="morning")
    moves.move_to(MORNING)
    actions.begin_review(actor=owner.actor, kind="morning")
    actions.tick_line(actor=owner.actor, kind="morning", day=DAY, key="speed")


def test_calendar_shows_both_reviews_of_each_day(history, django_assert_num_queries):
    with django_assert_num_queries(2):
        days = calendar(DAY - 4 * A_DAY, DAY + 2 * A_DAY)
    assert [(day.number, day.is_today, day.morning.standing.status, day.evening.standing.status) for day in days] == [
        (None, False, "none", "none"), (1, False, "signed", "signed"), (2, False, "missed", "missed"), (3, False, "missed", "missed"),
        (4, True, "begun", "waiting"), (5, False, "later", "later"), (None, False, "later", "later"),
    ]  # fmt: skip
    signed, today = days[1].morning, days[4].morning
    assert (list(signed.counts.items()), signed.signed.by) == ([("ok", 1), ("warn", 1), ("fail", 0), ("unknown", 0)], "Ana Souza (CTO)")
    assert (today.counts, today.ticked, today.total, today.begun.at) == ({}, 1, 2, MORNING)


def test_calendar_is_bounded():
    assert len(calendar(DAY, DAY + 1000 * A_DAY)) == 400
    assert len(calendar(DAY, DAY - A_DAY)) == 1


def test_trend_takes_signed_reviews_else_the_last_sample(history, django_assert_num_queries):
    sample("speed", MORNING - 3 * A_DAY, 90)
    sample("speed", MORNING - 2 * A_DAY, 91)
    sample("speed", MORNING - 2 * A_DAY + timedelta(hours=14, minutes=50), 92, "fail")
    sample("other", MORNING - A_DAY, 93)
    with django_assert_num_queries(2):
        days = trend_of("speed", DAY - 3 * A_DAY, DAY)
    # The team's midnight ends a day: 23:55 is still the same.
    assert [(day.value, day.state, day.kind) for day in days] == [
        (2, State.WARN, "evening"), (92, State.FAIL, ""), (None, None, ""), (None, None, ""),
    ]  # fmt: skip


def test_samples_of_many_lines_take_one_query(django_assert_num_queries):
    for minutes in (0, 15, 30):
        sample("a", MORNING + timedelta(minutes=minutes), minutes)
    sample("b", MORNING, None, "unknown")
    with django_assert_num_queries(1):
        found = samples_of(["a", "b", "c"], since=MORNING)
    assert {key: [(point.value, point.state) for point in points] for key, points in found.items()} == {
        "a": [(0, "ok"), (15, "ok"), (30, "ok")], "b": [(None, "unknown")],
    }  # fmt: skip
    assert samples_of(["b"], since=MORNING + timedelta(minutes=1)) == {}

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.models import AuditLog
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from review import actions, reading
from review.models import LOST_AFTER, Review, ReviewLine
from tests.review.conftest import answer

ZONE = timezone.get_default_timezone()
MORNING = datetime(2026, 3, 10, 9, 5, tzinfo=ZONE)
DAY = MORNING.date()


@pytest.fixture(autouse=True)
def moves():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def begin(owner, **values):
    return actions.begin_review(actor=owner.actor, kind="morning", **values)


def sign(owner, **values):
    return actions.sign_review(actor=owner.actor, kind="morning", day=DAY, **values)


def acts():
    return list(AuditLog.objects.order_by("id").values_list("action_type", flat=True))


def test_begin_makes_the_review_and_reads_its_lines(owner, lines):
    lines("speed", lambda: answer("fail"))
    lines("evening-only", reviews=("evening",))
    review = begin(owner)
    assert (review.kind, review.day, review.begun_by, review.begun_at) == ("morning", DAY, "Ana Souza (CTO)", MORNING)
    assert list(review.lines.values_list("key", "state", "error")) == [("speed", "fail", "")]
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_type, row.entity_id, row.entity_label) == (
        "BEGIN_REVIEW", "review", "morning/2026-03-10", "morning 2026-03-10",
    )  # fmt: skip


def test_begin_again_changes_nothing(owner, support, lines):
    lines("speed")
    first = begin(owner)
    assert actions.begin_review(actor=support.actor, kind="morning") == first
    assert (Review.objects.get().begun_by, acts()) == ("Ana Souza (CTO)", ["BEGIN_REVIEW"])


@pytest.mark.parametrize(("days", "code"), [(-1, "review_over"), (1, "review_not_yet")])
def test_begin_another_days_review_is_refused(owner, lines, moves, days, code):
    # At an hour at which yesterday's, had it been begun, could still be signed.
    moves.move_to(MORNING.replace(hour=7))
    with pytest.raises(Conflict) as refused:
        begin(owner, day=DAY + timedelta(days=days))
    assert (refused.value.code, Review.objects.count(), acts()) == (code, 0, [])


def test_begin_a_review_that_there_is_not(owner):
    with pytest.raises(Invalid) as refused:
        actions.begin_review(actor=owner.actor, kind="noon")
    assert refused.value.field == "kind"


def test_sign_freezes_what_the_review_shows(owner, support, lines, moves):
    lines("speed", lambda: answer("warn"))
    lines("empty", lambda: 1 / 0)
    begin(owner)
    moves.shift(timedelta(minutes=20))
    review = actions.sign_review(actor=support.actor, kind="morning", day=DAY)
    review.refresh_from_db()
    assert (review.signed_by, review.signed_at, review.sign_reason) == ("Carla Mendes (Support)", clock.now(), "")
    assert review.counts == {"ok": 0, "warn": 1, "fail": 0, "unknown": 1}
    assert list(review.snapshot["lines"]) == ["empty", "speed"]
    row = AuditLog.objects.latest("id")
    assert (row.action_type, row.changes) == (
        "SIGN_REVIEW", {"signed": [False, True], "ok": [None, 0], "warn": [None, 1], "fail": [None, 0], "unknown": [None, 1], "ticked": [None, 0]},
    )  # fmt: skip


def test_sign_with_an_open_fail_needs_a_reason(owner, lines):
    lines("speed", lambda: answer("fail"))
    begin(owner)
    with pytest.raises(Invalid) as refused:
        sign(owner, reason="  ")
    assert (refused.value.field, Review.objects.get().is_signed) == ("reason", False)
    assert sign(owner, reason=" The shop is down. ").sign_reason == "The shop is down."
    assert acts() == ["BEGIN_REVIEW", "SIGN_REVIEW"]


def test_sign_with_a_snoozed_fail_needs_none(owner, lines):
    lines("speed", lambda: answer("fail"))
    begin(owner)
    actions.snooze_line(actor=owner.actor, key="speed", until=MORNING + timedelta(hours=1), reason="known")
    assert sign(owner).is_signed


def test_sign_counts_what_was_never_read_as_unknown(owner, lines):
    lines("speed")
    begin(owner)
    ReviewLine.objects.update(state="", answer={}, read_at=None, asked_at=None)
    lines("newer")
    assert sign(owner).counts == {"ok": 0, "warn": 0, "fail": 0, "unknown": 2}


def test_sign_waits_for_the_first_answers_until_they_are_lost(owner, lines, moves):
    lines("speed")
    begin(owner)
    ReviewLine.objects.update(state="", answer={}, read_at=None)
    with pytest.raises(Conflict) as refused:
        sign(owner, reason="in a hurry")
    assert (refused.value.code, Review.objects.get().is_signed) == ("being_read", False)
    moves.shift(LOST_AFTER + timedelta(seconds=1))
    assert sign(owner).counts["unknown"] == 1


def test_sign_while_a_fail_is_read_again_needs_a_reason(owner, lines):
    lines("speed", lambda: answer("fail"))
    begin(owner)
    ReviewLine.objects.update(asked_at=clock.now() + timedelta(seconds=1))
    with pytest.raises(Invalid):
        sign(owner)


def test_sign_yesterdays_until_the_hour_of_todays(owner, lines, moves):
    begin(owner)
    moves.move_to(MORNING + timedelta(hours=23))
    assert sign(owner).is_signed


def test_yesterdays_is_signed_with_the_figures_of_its_day(owner, lines, moves):
    states = iter(["fail", "ok"])
    lines("today", lambda: answer(next(states)))
    review = begin(owner)
    moves.move_to(MORNING.replace(hour=23, minute=59) + timedelta(minutes=1))
    with pytest.raises(Conflict) as refused:
        reading.ask(review)
    assert refused.value.code == "day_over"
    assert sign(owner, reason="known").counts["fail"] == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda actor: actions.sign_review(actor=actor, kind="morning", day=DAY),
        lambda actor: actions.note_review(actor=actor, kind="morning", day=DAY, note="x", seen=""),
        lambda actor: actions.tick_line(actor=actor, kind="morning", day=DAY, key="speed"),
        lambda actor: actions.untick_line(actor=actor, kind="morning", day=DAY, key="speed"),
        lambda actor: actions.note_line(actor=actor, kind="morning", day=DAY, key="speed", note="x", seen=""),
        lambda actor: actions.assign_line(actor=actor, kind="morning", day=DAY, key="speed", person_id=""),
    ],
    ids=["sign", "note", "tick", "untick", "note line", "assign"],
)
def test_only_an_open_review_can_be_changed(owner, lines, moves, act):
    lines("speed")
    with pytest.raises(NotFound) as refused:
        act(owner.actor)
    assert refused.value.code == "review_not_begun"
    begin(owner)
    moves.move_to(MORNING + timedelta(hours=24))
    with pytest.raises(Conflict) as refused:
        act(owner.actor)
    assert refused.value.code == "review_over"
    moves.move_to(MORNING)
    sign(owner)
    with pytest.raises(Conflict) as refused:
        act(owner.actor)
    assert (refused.value.code, acts()) == ("review_signed", ["BEGIN_REVIEW", "SIGN_REVIEW"])


def test_note_of_the_review(owner, lines):
    begin(owner)
    note = actions.note_review(actor=owner.actor, kind="morning", day=DAY, note=" The gateway\r\nanswers 503. ", seen="").note
    assert note == "The gateway\nanswers 503."
    actions.note_review(actor=owner.actor, kind="morning", day=DAY, note=note, seen="something else")
    assert acts() == ["BEGIN_REVIEW", "NOTE_REVIEW"]
    assert AuditLog.objects.latest("id").changes == {"note": ["", note]}


def test_a_note_that_moved_is_not_overwritten(owner, support, lines):
    begin(owner)
    actions.note_review(actor=support.actor, kind="morning", day=DAY, note="hers", seen="")
    with pytest.raises(Conflict) as refused:
        actions.note_review(actor=owner.actor, kind="morning", day=DAY, note="mine", seen="")
    assert (refused.value.code, Review.objects.get().note) == ("note_moved", "hers")
    assert "hers" in str(refused.value)


def test_a_note_that_is_too_long(owner, lines):
    begin(owner)
    with pytest.raises(Invalid) as refused:
        actions.note_review(actor=owner.actor, kind="morning", day=DAY, note="x" * 2001, seen="")
    assert refused.value.field == "note"

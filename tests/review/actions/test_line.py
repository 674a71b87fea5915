from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from audit.models import AuditLog
from opsportal.errors import Conflict, Invalid, NotFound
from review import actions
from review.models import ReviewLine, Snooze
from tests.factories import make_person

MORNING = datetime(2026, 3, 10, 9, 5, tzinfo=timezone.get_default_timezone())
SPEED = {"kind": "morning", "day": MORNING.date(), "key": "speed"}


@pytest.fixture(autouse=True)
def moves(lines, owner):
    lines("speed")
    with time_machine.travel(MORNING, tick=False) as traveller:
        actions.begin_review(actor=owner.actor, kind="morning")
        yield traveller


def acts():
    return list(AuditLog.objects.order_by("id").values_list("action_type", flat=True))[1:]


def test_tick_and_untick_write_once_each(owner, support):
    for _time in range(2):
        row = actions.tick_line(actor=owner.actor, **SPEED)
    assert actions.tick_line(actor=support.actor, **SPEED).ticked_by == "Ana Souza (CTO)"
    assert (row.ticked_at, acts()) == (MORNING, ["TICK_LINE"])
    log = AuditLog.objects.latest("id")
    assert (log.entity_id, log.entity_label) == ("morning/2026-03-10", "morning 2026-03-10: Is speed well?")
    for _time in range(2):
        row = actions.untick_line(actor=support.actor, **SPEED)
    assert ((row.ticked_at, row.ticked_by), acts()) == ((None, ""), ["TICK_LINE", "UNTICK_LINE"])


@pytest.mark.parametrize("key", ["nothing", "evening-only"])
def test_a_line_that_the_review_does_not_have(owner, lines, key):
    lines("evening-only", reviews=("evening",))
    with pytest.raises(NotFound) as refused:
        actions.tick_line(actor=owner.actor, **SPEED | {"key": key})
    assert (refused.value.code, acts()) == ("line_unknown", [])


def test_a_line_that_came_after_the_review_was_begun(owner, lines):
    lines("newer")
    assert actions.tick_line(actor=owner.actor, **SPEED | {"key": "newer"}).ticked_by == "Ana Souza (CTO)"


def test_note_is_written_changed_and_removed(owner, support):
    actions.note_line(actor=owner.actor, **SPEED, note="slow since 8", seen="")
    with pytest.raises(Conflict) as refused:
        actions.note_line(actor=support.actor, **SPEED, note="fast", seen="")
    assert refused.value.code == "note_moved"
    row = actions.note_line(actor=support.actor, **SPEED, note="slow since 7", seen="slow since 8")
    assert (row.note, row.noted_by, row.noted_at) == ("slow since 7", "Carla Mendes (Support)", MORNING)
    assert actions.note_line(actor=owner.actor, **SPEED, note="", seen="slow since 7").note == ""
    assert acts() == ["NOTE_LINE"] * 3


def test_assign_to_a_colleague_and_to_nobody(owner, support):
    for _time in range(2):
        row = actions.assign_line(actor=owner.actor, **SPEED, person_id=str(support.pk))
    assert (row.assignee_id, row.assignee) == (str(support.pk), "Carla Mendes")
    for _time in range(2):
        row = actions.assign_line(actor=owner.actor, **SPEED, person_id="")
    assert (row.assignee_id, row.assignee, acts()) == ("", "", ["ASSIGN_LINE"] * 2)


@pytest.mark.parametrize("who", ["gone", "nobody", "0", "9" * 30, "not one who may see it"])
def test_assign_to_somebody_who_cannot_take_it(owner, lines, who):
    lines("for-some", permission="review.do")
    if who == "gone":
        who = str(make_person(is_active=False, role="cto").pk)
    elif who.startswith("not"):
        who = str(make_person(role="viewer").pk)
    with pytest.raises(Invalid) as refused:
        actions.assign_line(actor=owner.actor, **SPEED | {"key": "for-some"}, person_id=who)
    assert (refused.value.field, acts()) == ("person_id", [])


def snooze(owner, **values):
    return actions.snooze_line(actor=owner.actor, **{"key": "speed", "until": MORNING + timedelta(hours=2), "reason": "known"} | values)


def test_snooze_and_wake(owner, support):
    assert (snooze(owner).by, snooze_rows()) == ("Ana Souza (CTO)", [("known", None, "")])
    with pytest.raises(Conflict) as refused:
        snooze(support)
    assert refused.value.code == "snoozed"
    actions.wake_line(actor=support.actor, key="speed")
    assert actions.wake_line(actor=support.actor, key="speed") is None
    assert snooze_rows() == [("known", MORNING, "Carla Mendes (Support)")]
    assert acts() == ["SNOOZE_LINE", "WAKE_LINE"]


def test_a_snooze_that_is_over_gives_way_to_a_new_one(owner, moves):
    snooze(owner)
    moves.shift(timedelta(hours=2))
    assert actions.wake_line(actor=owner.actor, key="speed") is None
    snooze(owner, until=MORNING + timedelta(hours=4), reason="still")
    assert snooze_rows() == [("known", MORNING + timedelta(hours=2), ""), ("still", None, "")]


def snooze_rows():
    return list(Snooze.objects.order_by("pk").values_list("reason", "ended_at", "ended_by"))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"until": MORNING}, "until"),
        ({"until": MORNING + timedelta(days=31)}, "until"),
        ({"reason": "x" * 2001}, "reason"),
    ],
    ids=["no reason", "a moment that has passed", "too long", "a reason too long"],
)
def test_snooze_is_refused(owner, values, field):
    with pytest.raises(Invalid) as refused:
        snooze(owner, **values)
    assert (refused.value.field, Snooze.objects.count(), acts()) == (field, 0, [])


def test_snooze_or_wake_a_line_that_there_is_not(owner):
    with pytest.raises(NotFound) as refused:
        snooze(owner, key="nothing")
    assert refused.value.code == "line_unknown"
    with pytest.raises(NotFound):
        actions.wake_line(actor=owner.actor, key="nothing")
    assert acts() == []


def test_rows_of_other_lines_stay_as_they_are(owner, lines):
    lines("other")
    actions.tick_line(actor=owner.actor, **SPEED | {"key": "other"})
    actions.tick_line(actor=owner.actor, **SPEED)
    actions.untick_line(actor=owner.actor, **SPEED)
    assert list(ReviewLine.objects.order_by("key").values_list("key", "ticked_by")) == [("other", "Ana Souza (CTO)"), ("speed", "")]

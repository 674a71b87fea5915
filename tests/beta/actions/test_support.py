import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection

from audit.actors import Actor
from audit.models import AuditLog
from beta.actions import (
    answer_message,
    assign_message,
    classify_message,
    link_message,
    purge_messages,
    record_message,
    remove_household,
    reopen_message,
)
from beta.actions.support_intake import Written
from beta.models import SupportMessage
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_household, make_person, make_support_message

pytestmark = pytest.mark.django_db
SETUP = Actor.system("tests")
NOWHERE = "00000000-0000-0000-0000-000000000000"


def again(message: SupportMessage) -> SupportMessage:
    return SupportMessage.objects.get(pk=message.pk)


def test_assign_gives_it_to_a_person_and_back_to_anybody(support, operator):
    message = make_support_message()
    assign_message(actor=support.actor, message_id=message.pk, person_id=support.pk, was_id=None)
    assert (again(message).state, again(message).assignee) == ("assigned", support)
    assign_message(actor=support.actor, message_id=message.pk, person_id=operator.pk, was_id=support.pk)
    assign_message(actor=support.actor, message_id=message.pk, person_id=None, was_id=operator.pk)
    assert (again(message).state, again(message).assignee) == ("open", None)
    rows = AuditLog.objects.filter(action_type="ASSIGN_SUPPORT_MESSAGE").order_by("id").values_list("changes", flat=True)
    assert [row["assignee"] for row in rows] == [[None, "Carla Mendes"], ["Carla Mendes", "Diego Rocha"], ["Diego Rocha", None]]


def test_assign_refuses_when_somebody_else_has_taken_it_meanwhile(support, operator):
    message = make_support_message()
    assign_message(actor=operator.actor, message_id=message.pk, person_id=operator.pk, was_id=None)
    with pytest.raises(Conflict, match="It went to Diego Rocha meanwhile") as refused:
        assign_message(actor=support.actor, message_id=message.pk, person_id=support.pk, was_id=None)
    assert (refused.value.code, again(message).assignee) == ("taken", operator)


def test_assign_refuses_people_who_may_not_answer_and_what_is_answered(support, viewer):
    message = make_support_message()
    gone = make_person(role="support", is_active=False)
    for person_id in (viewer.pk, gone.pk, 0):
        with pytest.raises(Invalid, match="can't answer"):
            assign_message(actor=support.actor, message_id=message.pk, person_id=person_id, was_id=None)
    with pytest.raises(Conflict, match="answered it"):
        assign_message(actor=support.actor, message_id=make_support_message(answered_at=clock.now()).pk, person_id=support.pk, was_id=None)
    with pytest.raises(Conflict, match="like that"):
        assign_message(actor=support.actor, message_id=message.pk, person_id=None, was_id=None)
    with pytest.raises(NotFound):
        assign_message(actor=support.actor, message_id=NOWHERE, person_id=support.pk, was_id=None)


def test_answer_keeps_the_note_and_how_long_it_took(support):
    with time_machine.travel("2026-11-20T15:00:00Z", tick=False):
        message = make_support_message(kind="complaint", received_at=clock.now() - timedelta(minutes=95))
        answer_message(actor=support.actor, message_id=message.pk, note=" The price is corrected. ")
    kept = again(message)
    assert (kept.state, kept.answered_by, kept.answer) == ("answered", "Carla Mendes (Support)", "The price is corrected.")
    assert kept.first_answer_took == timedelta(minutes=95)
    row = AuditLog.objects.get(action_type="ANSWER_SUPPORT_MESSAGE")
    assert (row.changes, row.reason) == ({"state": ["open", "answered"], "minutes_waited": [None, 95]}, "")


@pytest.mark.parametrize("note", ["", "  \n", "\x00", "x" * 2001])
def test_answer_needs_a_note_of_some_length(support, note):
    message = make_support_message()
    with pytest.raises(Invalid) as refused:
        answer_message(actor=support.actor, message_id=message.pk, note=note)
    assert (refused.value.field, again(message).state) == ("note", "open")


def test_answer_of_a_conversation_leaves_what_came_later_open(support):
    now = clock.now()
    first, second, third = (make_support_message(thread="t", client_id=7, received_at=now - timedelta(hours=hours)) for hours in (5, 4, 3))
    others = [make_support_message(thread="t", client_id=8), make_support_message(client_id=7)]
    answer_message(actor=support.actor, message_id=second.pk, note="Both of it")
    assert [again(one).state for one in (first, second, third, *others)] == ["answered", "answered", "open", "open", "open"]
    assert AuditLog.objects.get(action_type="ANSWER_SUPPORT_MESSAGE").changes["messages"] == [None, 2]


def test_second_answer_is_told_who_was_quicker(support, operator):
    message = make_support_message()
    with time_machine.travel("2026-11-20T17:02:00Z", tick=False):
        answer_message(actor=support.actor, message_id=message.pk, note="Done")
    with pytest.raises(Conflict, match=r"Carla Mendes \(Support\) answered it at 14:02"):
        answer_message(actor=operator.actor, message_id=message.pk, note="Also done")
    assert again(message).answer == "Done"


def test_two_answers_at_once_are_one(transactional_db):
    people = [make_person(role="support", name=name) for name in ("Ana", "Bia")]
    message, together, ends = make_support_message(thread="t"), threading.Barrier(2), []

    def answer(person):
        try:
            together.wait(60)
            answer_message(actor=person.actor, message_id=message.pk, note=f"by {person}")
            ends.append(("won", str(person)))
        except Conflict as refused:
            ends.append(("lost", str(refused)))
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (lost, why), (won, winner) = sorted(ends)
    assert (lost, won, why.startswith(f"{winner} (Support) answered it at"), again(message).answer) == ("lost", "won", True, f"by {winner}")
    assert AuditLog.objects.filter(action_type="ANSWER_SUPPORT_MESSAGE").count() == 1


def test_reopened_message_waits_from_now_and_keeps_what_was_answered(support):
    with time_machine.travel("2026-11-18T15:00:00Z", tick=False):
        message = make_support_message()
        answer_message(actor=support.actor, message_id=message.pk, note="Done")
    with time_machine.travel("2026-11-20T15:00:00Z", tick=False):
        reopen_message(actor=support.actor, message_id=message.pk, reason="It was not")
    kept = again(message)
    assert (kept.state, kept.waiting_since.isoformat(), kept.answered_at, kept.answer, kept.assignee) == (
        "reopened",
        "2026-11-20T15:00:00+00:00",
        None,
        "",
        None,
    )
    before = {"at": datetime.fromisoformat("2026-11-18T15:00:00+00:00"), "by": "Carla Mendes (Support)", "note": "Done"}
    assert (kept.answers_before, kept.first_answer_took) == ([before], timedelta(hours=1))
    with pytest.raises(Conflict, match="open"):
        reopen_message(actor=support.actor, message_id=message.pk, reason="again")
    assert AuditLog.objects.get(action_type="REOPEN_SUPPORT_MESSAGE").reason == "It was not"
    answer_message(actor=support.actor, message_id=message.pk, note="Now it is")
    assert (again(message).first_answer_took, again(message).answer, again(message).answers_before) == (timedelta(hours=1), "Now it is", [before])


def test_reopening_needs_a_reason(support):
    with pytest.raises(Invalid):
        reopen_message(actor=support.actor, message_id=make_support_message(answered_at=clock.now()).pk, reason=" ")


def test_kind_is_changed_once_and_to_one_there_is(support):
    message = make_support_message()
    classify_message(actor=support.actor, message_id=message.pk, kind="bug")
    assert again(message).kind == "bug"
    with pytest.raises(Conflict):
        classify_message(actor=support.actor, message_id=message.pk, kind="bug")
    with pytest.raises(Invalid):
        classify_message(actor=support.actor, message_id=message.pk, kind="threat")


def test_link_takes_the_strangers_of_its_conversation_along(support):
    household, other = make_household(name="Casa A"), make_household()
    first, second, known = make_support_message(thread="t"), make_support_message(thread="t"), make_support_message(thread="t", household=other)
    link_message(actor=support.actor, message_id=first.pk, household_id=household.pk)
    assert [again(one).household for one in (first, second, known)] == [household, household, other]
    link_message(actor=support.actor, message_id=first.pk, household_id=None)
    assert [again(one).household for one in (first, second)] == [None, household]
    with pytest.raises(NotFound):
        link_message(actor=support.actor, message_id=first.pk, household_id=NOWHERE)


def test_messages_of_a_removed_household_stay_and_can_be_answered(support):
    household = make_household()
    message = make_support_message(household=household)
    remove_household(actor=support.actor, household_id=household.pk, reason="moved")
    answer_message(actor=support.actor, message_id=message.pk, note="Said goodbye")
    assert (again(message).household, again(message).state) == (household, "answered")


def test_purge_removes_what_was_answered_long_ago_and_nothing_that_waits():
    now = clock.now()
    old = make_support_message(answered_at=now - timedelta(days=401), received_at=now - timedelta(days=402))
    kept = [make_support_message(answered_at=now - timedelta(days=399)), make_support_message(received_at=now - timedelta(days=500))]
    assert purge_messages(actor=SETUP) == 1
    assert set(SupportMessage.objects.all()) == set(kept)
    assert (purge_messages(actor=SETUP), SupportMessage.objects.filter(pk=old.pk).exists()) == (0, False)
    assert AuditLog.objects.get(action_type="PURGE_SUPPORT_MESSAGES").changes == {"messages": [1, 0]}


def test_message_passed_on_late_has_waited_since_it_was_written():
    at = clock.now() - timedelta(hours=6)
    message, is_new = record_message(actor=SETUP, message=Written("Hello", "email", contact="a@example.com", received_at=at), idempotency_key="m-1")
    assert (is_new, message.waiting_since, message.received_at) == (True, at, at)


def test_moment_a_little_ahead_is_now():
    with time_machine.travel("2026-11-20T15:00:00Z", tick=False):
        at = clock.now() + timedelta(minutes=4)
        message, _is_new = record_message(actor=SETUP, message=Written("Hello", "app", contact="a", received_at=at), idempotency_key="m-1")
        assert message.received_at == clock.now()

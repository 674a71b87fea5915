"""Who is on duty, and the notes that are left."""

import threading

import pytest
from django.db import connections

from audit.models import AuditLog
from opsportal.errors import Conflict, Invalid
from review.actions import end_duty, take_duty, write_handover
from review.actions.duty import LONGEST_NOTE
from review.models import Handover, Shift
from review.queries.duty import duty, on_duty
from tests.factories import make_person


def rows(action_type):
    return [(row.actor_label, row.changes) for row in AuditLog.objects.filter(action_type=action_type).order_by("id")]


def test_taking_duty_ends_the_turn_of_whoever_had_it(operator, support):
    first = take_duty(actor=operator.actor)
    second = take_duty(actor=support.actor, reason="He is ill.")
    first.refresh_from_db()
    assert (on_duty(), first.ended_at, Shift.objects.filter(ended_at=None).count()) == (second, second.since, 1)
    assert rows("TAKE_DUTY") == [
        (operator.actor.label, {"on_duty": [None, operator.actor.label], "notes_taken": [0, 0]}),
        (support.actor.label, {"on_duty": [operator.actor.label, support.actor.label], "notes_taken": [0, 0]}),
    ]


def test_taking_it_twice_is_refused(operator):
    take_duty(actor=operator.actor)
    with pytest.raises(Conflict, match="You are on duty already"):
        take_duty(actor=operator.actor)
    assert (Shift.objects.count(), len(rows("TAKE_DUTY"))) == (1, 1)


def test_only_whoever_is_on_duty_ends_it(operator, support):
    with pytest.raises(Conflict, match="You are not on duty"):
        end_duty(actor=support.actor)
    take_duty(actor=operator.actor)
    with pytest.raises(Conflict, match="You are not on duty"):
        end_duty(actor=support.actor)
    end_duty(actor=operator.actor)
    assert (on_duty(), rows("END_DUTY")) == (None, [(operator.actor.label, {"on_duty": [operator.actor.label, None]})])


def test_a_note_is_pinned_until_another_person_takes_duty(operator, support):
    take_duty(actor=operator.actor)
    note = write_handover(actor=operator.actor, text="  Coffee is overridden.\x00 ")
    end_duty(actor=operator.actor)
    take_duty(actor=operator.actor)
    assert [(one.text, one.taken_at) for one in duty().notes] == [("Coffee is overridden.", None)]
    shift = take_duty(actor=support.actor)
    note.refresh_from_db()
    assert (note.taken_by, note.taken_at) == (support.actor.label, shift.since)


def test_whoever_took_it_still_reads_the_notes_until_there_is_a_new_one(operator, support):
    write_handover(actor=operator.actor, text="old")
    take_duty(actor=support.actor)
    assert [note.text for note in duty().notes] == ["old"]
    write_handover(actor=support.actor, text="new")
    assert [note.text for note in duty().notes] == ["new"]
    take_duty(actor=operator.actor)
    assert [note.text for note in duty().notes] == ["new"]


@pytest.mark.parametrize(("text", "words"), [("  \x00 ", "Write what"), ("x" * (LONGEST_NOTE + 1), "2000 characters at most")])
def test_a_note_that_is_empty_or_too_long_is_refused(operator, text, words):
    with pytest.raises(Invalid, match=words) as refused:
        write_handover(actor=operator.actor, text=text)
    assert (refused.value.field, Handover.objects.count(), rows("WRITE_HANDOVER")) == ("text", 0, [])


def test_nobody_and_no_note_is_told_in_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = duty()
    assert (found.shift, found.notes, found.is_held_by(1)) == (None, [], False)


def test_of_several_who_take_it_at_once_one_has_it_and_nobody_sees_an_error(transactional_db):
    people = [make_person(role="engineer") for _ in range(4)]
    failed: list[BaseException] = []
    together = threading.Barrier(len(people))

    def take(person):
        try:
            together.wait(timeout=60)
            take_duty(actor=person.actor)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    open_ones = Shift.objects.filter(ended_at=None)
    assert (failed, Shift.objects.count(), open_ones.count(), len(rows("TAKE_DUTY"))) == ([], 4, 1, 4)

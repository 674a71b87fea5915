from datetime import timedelta

import pytest

from audit import registry
from audit.actors import Actor
from audit.models import AuditLog
from notify import actions
from notify.models import Attempt, Message
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_destination, make_message

ANA = Actor.system("ana")


def dead(**fields):
    return make_message(**{"state": "dead", "finished_at": clock.now(), "attempts": 12, "error": "It answered 500."} | fields)


def last_row():
    row = AuditLog.objects.latest("id")
    return row.action_type, row.entity_type, row.entity_id, row.reason, row.changes


@pytest.mark.parametrize("state", ["dead", "aside"])
def test_finished_message_is_tried_again_from_the_first_try_on(db, told, django_capture_on_commit_callbacks, state):
    message = dead(state=state)
    with django_capture_on_commit_callbacks(execute=True):
        actions.retry_message(actor=ANA, message_id=message.pk, reason="mended")
    message.refresh_from_db()
    assert (message.state, message.attempts, message.allowed, message.finished_at, message.next_at <= clock.now()) == ("waiting", 12, 24, None, True)
    assert told == [(str(message.pk), None)]
    assert last_row() == ("RETRY_MESSAGE", "message", str(message.pk), "mended", {"state": [state, "waiting"]})


def test_waiting_message_is_tried_without_waiting_longer(place, receiver):
    message = make_message(destination=place, attempts=3, next_at=clock.now() + timedelta(hours=2))
    actions.retry_message(actor=ANA, message_id=message.pk)
    assert actions.deliver_message(message_id=message.pk) is True


def test_what_can_not_be_tried_again_is_refused(db):
    now = clock.now()
    cases = {
        "sent": make_message(state="sent", finished_at=now),
        "being_sent": make_message(attempts=1, claimed_until=now + timedelta(seconds=60)),
        "removed": make_message(state="aside", finished_at=now, is_secret=True, body="", channel="email", address="a@example.com"),
    }
    for code, message in cases.items():
        with pytest.raises(Conflict) as refused:
            actions.retry_message(actor=ANA, message_id=message.pk)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        actions.retry_message(actor=ANA, message_id="00000000-0000-0000-0000-000000000000")
    assert AuditLog.objects.count() == 0


def test_all_dead_ones_are_tried_again_in_one_act(db, told, django_capture_on_commit_callbacks):
    messages = [dead() for _ in range(3)]
    make_message(state="sent", finished_at=clock.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.retry_messages(actor=ANA, reason="mended") == 3
    assert [pk for pk, _wait in told] == [str(message.pk) for message in messages]
    assert Message.objects.filter(state="waiting").count() == 3
    assert last_row() == ("RETRY_MESSAGES", "message", "", "mended", {"messages": [None, 3], "state": ["dead", "waiting"]})
    with pytest.raises(Conflict, match="No dead message"):
        actions.retry_messages(actor=ANA)


def test_dead_ones_of_one_destination_channel_and_topic(db, told):
    product = make_destination(name="product")
    wanted = dead(destination=product, topic="plan")
    dead(destination=product, topic="offer")
    dead(topic="plan")
    dead(channel="email", address="a@example.com", topic="plan")
    assert actions.retry_messages(actor=ANA, channel="webhook", topic="plan", destination="product") == 1
    assert Message.objects.get(state="waiting").pk == wanted.pk
    assert last_row()[4] == {
        "messages": [None, 1], "state": ["dead", "waiting"], "channel": [None, "webhook"], "topic": [None, "plan"], "destination": [None, "product"],
    }  # fmt: skip


def test_so_many_at_once_and_the_oldest_first(db, told, monkeypatch):
    monkeypatch.setattr("notify.actions.message.MOST_AT_ONCE", 2)
    messages = [dead() for _ in range(3)]
    assert actions.retry_messages(actor=ANA) == 2
    assert Message.objects.get(state="dead").pk == messages[2].pk


def test_message_set_aside_is_not_tried_again(place, receiver):
    message = make_message(destination=place)
    with pytest.raises(Invalid, match="Say why"):
        actions.set_message_aside(actor=ANA, message_id=message.pk, reason=" ")
    actions.set_message_aside(actor=ANA, message_id=message.pk, reason="too late")
    assert (actions.deliver_message(message_id=message.pk), receiver.requests) == (None, [])
    assert last_row() == ("SET_MESSAGE_ASIDE", "message", str(message.pk), "too late", {"state": ["waiting", "aside"]})
    with pytest.raises(Conflict, match="set aside already"):
        actions.set_message_aside(actor=ANA, message_id=message.pk, reason="again")


def test_secret_text_of_a_message_set_aside_is_removed(db):
    message = dead(is_secret=True, body="sealed", channel="email", address="a@example.com")
    actions.set_message_aside(actor=ANA, message_id=message.pk, reason="too late")
    message.refresh_from_db()
    assert (message.state, message.body) == ("aside", "")


def test_old_messages_are_removed_and_dead_ones_stay(place, receiver):
    long_ago = clock.now() - timedelta(days=30, seconds=1)
    old = make_message(destination=place)
    actions.deliver_message(message_id=old.pk)
    Message.objects.filter(pk=old.pk).update(finished_at=long_ago)
    make_message(state="aside", finished_at=long_ago)
    kept = {
        make_message(state="sent", finished_at=clock.now() - timedelta(days=29)).pk, dead(finished_at=long_ago).pk,
        make_message(created_at=long_ago).pk,
    }  # fmt: skip
    assert actions.purge_sent(actor=ANA) == 2
    assert (set(Message.objects.values_list("pk", flat=True)), Attempt.objects.count()) == (kept, 0)
    assert last_row() == ("PURGE_SENT_MESSAGES", "message", "", "", {"messages": [2, 0]})
    assert (actions.purge_sent(actor=ANA), AuditLog.objects.count()) == (0, 1)
    # The sweep may do so every minute: no act to show on Today.
    assert registry.is_routine("PURGE_SENT_MESSAGES")


def test_dead_messages_are_removed_after_90_days_and_their_secret_texts_after_7(db):
    mail = {"channel": "email", "address": "ana@example.com", "is_secret": True, "body": "sealed"}
    gone = dead(finished_at=clock.now() - timedelta(days=90, seconds=1))
    gone.tries.create(number=1, began_at=clock.now())
    emptied = dead(finished_at=clock.now() - timedelta(days=7, seconds=1), **mail)
    fresh, plain = dead(finished_at=clock.now() - timedelta(days=6), **mail), dead(finished_at=clock.now() - timedelta(days=89))
    waiting = make_message(created_at=clock.now() - timedelta(days=99), **mail)
    assert actions.purge_dead(actor=ANA) == 2
    assert dict(Message.objects.values_list("pk", "body")) == {emptied.pk: "", fresh.pk: "sealed", plain.pk: "{}", waiting.pk: "sealed"}
    assert last_row() == ("PURGE_DEAD_MESSAGES", "message", "", "", {"messages": [1, 0], "emptied_texts": [1, 0]})
    assert (actions.purge_dead(actor=ANA), AuditLog.objects.count(), Attempt.objects.count()) == (0, 1, 0)
    assert registry.is_routine("PURGE_DEAD_MESSAGES")


def test_dead_message_whose_secret_text_is_removed_is_not_tried_again_with_the_others(db, told):
    emptied = dead(channel="email", address="ana@example.com", is_secret=True, body="")
    with pytest.raises(Conflict, match="No dead message"):
        actions.retry_messages(actor=ANA)
    dead()
    assert actions.retry_messages(actor=ANA) == 1
    assert Message.objects.get(state="dead").pk == emptied.pk


@pytest.mark.parametrize(("purge", "fields"), [(actions.purge_sent, {"state": "sent"}), (actions.purge_dead, {})])
def test_removal_takes_the_oldest_to_its_limit(db, purge, fields):
    ages = [dead(finished_at=clock.now() - timedelta(days=days), **fields) for days in (91, 93, 92)]
    assert purge(actor=ANA, limit=2) == 2
    assert Message.objects.get().pk == ages[0].pk

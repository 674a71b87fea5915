from datetime import timedelta

import pytest
from django.core.management import call_command

from notify import actions
from notify.models import Message
from opsportal import clock
from tests.factories import make_message


def ago(**time):
    return clock.now() - timedelta(**time)


def sweep(capture, **options):
    with capture(execute=True):
        return actions.requeue_due(**options)


def test_lost_task_is_sent_again_once(place, told, django_capture_on_commit_callbacks):
    lost = make_message(destination=place, next_at=ago(minutes=10), told_at=ago(minutes=3))
    never_told = make_message(destination=place, next_at=ago(minutes=5))
    died = make_message(destination=place, next_at=ago(minutes=1), told_at=ago(minutes=9), attempts=1, claimed_until=ago(seconds=1))
    make_message(destination=place, next_at=ago(minutes=4), told_at=ago(seconds=30))
    make_message(destination=place, next_at=clock.now() + timedelta(minutes=5))
    make_message(destination=place, next_at=ago(minutes=4), claimed_until=clock.now() + timedelta(seconds=60))
    make_message(destination=place, next_at=ago(minutes=4), state="sent", finished_at=clock.now())
    make_message(destination=place, next_at=ago(minutes=4), state="dead", finished_at=clock.now())
    assert sweep(django_capture_on_commit_callbacks) == 3
    assert told == [(str(message.pk), None) for message in (lost, never_told, died)]
    assert sweep(django_capture_on_commit_callbacks) == 0


def test_sweep_takes_the_oldest_to_its_limit(place, told, django_capture_on_commit_callbacks):
    messages = [make_message(destination=place, next_at=ago(minutes=minutes)) for minutes in (1, 3, 2)]
    assert sweep(django_capture_on_commit_callbacks, limit=2) == 2
    assert [pk for pk, _wait in told] == [str(messages[1].pk), str(messages[2].pk)]


def test_message_whose_last_try_died_with_its_worker_is_dead(place, told, django_capture_on_commit_callbacks):
    message = make_message(destination=place, attempts=12, allowed=12, claimed_until=ago(seconds=1))
    still_running = make_message(destination=place, attempts=12, allowed=12, claimed_until=clock.now() + timedelta(seconds=9))
    assert sweep(django_capture_on_commit_callbacks) == 0
    message.refresh_from_db()
    still_running.refresh_from_db()
    assert (message.state, message.error, still_running.state) == ("dead", "Every try ended with its worker; it was never answered.", "waiting")


def test_due_messages_are_delivered_here_when_no_worker_does(place, receiver, capsys):
    messages = [make_message(destination=place, next_at=ago(minutes=minutes)) for minutes in (1, 3, 2)]
    make_message(destination=place, next_at=clock.now() + timedelta(minutes=5))
    call_command("outbox_deliver", "--limit", "2")
    assert capsys.readouterr().out == "2 sent, 0 failed.\n"
    assert receiver.keys == [messages[1].key, messages[2].key]
    receiver.answers(500)
    with pytest.raises(SystemExit):
        call_command("outbox_deliver")
    assert capsys.readouterr().out == "0 sent, 1 failed.\n"
    assert Message.objects.filter(state="waiting").count() == 2

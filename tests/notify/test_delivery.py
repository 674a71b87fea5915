import threading
from datetime import timedelta

import pytest
from django.db import connection

from audit.actors import Actor
from notify import actions
from notify.models import Attempt, Message
from opsportal import clock
from tests.factories import SIGNING_SECRET, make_destination, make_message
from tests.receiver import is_signed_by

CLI = Actor.cli()


def state_of(message):
    message.refresh_from_db()
    return message.state, message.attempts, message.error


def wait_over(message):
    Message.objects.filter(pk=message.pk).update(next_at=clock.now())


def claim_over(message):
    Message.objects.filter(pk=message.pk).update(claimed_until=clock.now() - timedelta(hours=1))


def test_message_is_sent_signed_with_its_key(place, receiver):
    message = make_message(destination=place, key="plan-7", topic="plan.activated", body='{"plan":"pró"}')
    assert actions.deliver_message(message_id=message.pk) is True
    (request,) = receiver.requests
    assert (request.method, request.path, request.body.decode()) == ("POST", "/hook", '{"plan":"pró"}')
    headers = {name: request.headers[name] for name in ("content-type", "idempotency-key", "x-ops-message", "x-ops-topic")}
    assert headers == {
        "content-type": "application/json",
        "idempotency-key": "plan-7",
        "x-ops-message": str(message.pk),
        "x-ops-topic": "plan.activated",
    }
    assert (is_signed_by(SIGNING_SECRET, request), is_signed_by("another", request)) == (True, False)
    assert state_of(message) == ("sent", 1, "")
    attempt = message.tries.get()
    assert (attempt.number, attempt.ok, attempt.status, attempt.answer) == (1, True, 200, "ok")
    assert (attempt.milliseconds >= 0, attempt.ended_at >= attempt.began_at, message.finished_at is not None) == (True, True, True)


def test_sent_message_is_not_sent_again(place, receiver):
    message = make_message(destination=place)
    assert [actions.deliver_message(message_id=message.pk) for _ in range(3)] == [True, None, None]
    assert len(receiver.requests) == 1


def test_both_live_secrets_sign_while_the_receiver_changes_over(place, receiver):
    new = actions.rotate_destination_secret(actor=CLI, destination_id=place.pk).raw
    deliver(place)
    assert (is_signed_by(SIGNING_SECRET, receiver.requests[0]), is_signed_by(new, receiver.requests[0])) == (True, True)
    place.secrets.filter(ends_at__isnull=False).update(ends_at=clock.now())
    deliver(place)
    assert (is_signed_by(SIGNING_SECRET, receiver.requests[1]), is_signed_by(new, receiver.requests[1])) == (False, True)


def deliver(place):
    message = make_message(destination=place)
    actions.deliver_message(message_id=message.pk)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("status", [400, 405, 410, 413, 415, 422, 431, 451, 301, 302, 307, 308])
def test_answer_that_will_be_the_same_next_time_is_the_last_one(place, receiver, told, status):
    receiver.answers(status, body=b"no", Location=f"{receiver.url}/elsewhere")
    message = deliver(place)
    assert (message.state, message.attempts, str(status) in message.error, told) == ("dead", 1, True, [])
    assert (len(receiver.requests), message.finished_at is not None, message.tries.get().answer) == (1, True, "no")


@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 421, 423, 424, 425, 429, 500, 501, 502, 503, 504, 599])
def test_answer_that_may_change_is_asked_for_again(place, receiver, status):
    receiver.answers(status, 200)
    message = deliver(place)
    assert state_of(message) == ("waiting", 1, f"It answered {status}.")
    assert message.claimed_until is None
    assert clock.now() < message.next_at <= clock.now() + timedelta(seconds=15)
    assert actions.deliver_message(message_id=message.pk) is None
    wait_over(message)
    assert actions.deliver_message(message_id=message.pk) is True
    assert (state_of(message), receiver.keys) == (("sent", 2, ""), [message.key, message.key])


def test_receiver_says_when_to_come_back(place, receiver):
    no_date = "Sat, 21 Nov 2026 10:00:00 +" + "9" * 30
    for value, least, most in (("3600", 3595, 3600), ("999999", 12 * 3600 - 5, 12 * 3600), ("soon", 0, 15), ("", 0, 15), (no_date, 0, 15)):
        receiver.answers(503, Retry_After=value)
        message = deliver(place)
        wait = (message.next_at - clock.now()).total_seconds()
        assert (least <= wait <= most, message.error) == (True, "It answered 503."), value


def test_worker_is_told_of_a_try_that_is_near_and_the_sweep_of_a_far_one(place, receiver, told, django_capture_on_commit_callbacks):
    receiver.answers(503)
    with django_capture_on_commit_callbacks(execute=True):
        near = deliver(place)
    assert (told[0][0], 1 <= told[0][1] <= 15, near.told_at) == (str(near.pk), True, near.next_at)
    receiver.answers(503, Retry_After="3600")
    with django_capture_on_commit_callbacks(execute=True):
        far = deliver(place)
    assert (len(told), far.told_at) == (1, None)


def test_message_that_never_gets_through_is_dead_after_its_tries(place, receiver):
    receiver.answers(500, body=b"x" * 10_000 + b"\x00")
    message = make_message(destination=place, allowed=3)
    for _ in range(3):
        wait_over(message)
        assert actions.deliver_message(message_id=message.pk) is False
    wait_over(message)
    assert actions.deliver_message(message_id=message.pk) is None
    assert state_of(message) == ("dead", 3, "It answered 500.")
    assert [len(attempt.answer) for attempt in message.tries.all()] == [2048] * 3
    assert len(receiver.requests) == 3


def test_nobody_at_the_address_is_worth_another_try(place, receiver):
    place.address = "http://127.0.0.1:1/"
    place.save()
    message = deliver(place)
    assert (message.state, message.error.startswith("It can't be reached: ")) == ("waiting", True)


def test_address_inside_is_never_called(place, receiver, settings):
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False
    message = deliver(place)
    assert state_of(message) == ("dead", 1, "127.0.0.1 is not on the public internet; such addresses are not called.")
    assert receiver.requests == []


def test_message_of_a_destination_that_is_off_waits_and_loses_no_try(place, receiver):
    place.is_on = False
    place.save()
    message = make_message(destination=place)
    assert actions.deliver_message(message_id=message.pk) is None
    assert actions.requeue_due() == 0
    assert (state_of(message), receiver.requests) == (("waiting", 0, ""), [])
    place.is_on = True
    place.save()
    assert actions.deliver_message(message_id=message.pk) is True


def test_address_of_the_moment_of_delivery_counts(place, receiver):
    message = make_message(destination=place)
    place.address = f"{receiver.url}/moved"
    place.save()
    actions.deliver_message(message_id=message.pk)
    assert receiver.requests[0].path == "/moved"


def test_secret_that_can_not_be_read_is_said(place, receiver, settings):
    settings.SECRET_KEY = "another key altogether"
    message = deliver(place)
    assert (message.state, "SECRET_KEY" in message.error, receiver.requests) == ("dead", True, [])


def test_unknown_channel_is_said(db):
    message = make_message(channel="pigeon", address="x")
    actions.deliver_message(message_id=message.pk)
    assert state_of(message)[0::2] == ("dead", "The portal has no channel “pigeon” any more.")


def test_mistake_of_ours_neither_loses_nor_holds_the_message(place, receiver, monkeypatch):
    monkeypatch.setattr("hmac.new", None)
    message = deliver(place)
    assert (message.state, message.claimed_until, message.error) == ("waiting", None, "TypeError: 'NoneType' object is not callable")


def test_claimed_message_is_left_to_its_worker_until_the_claim_ends(place, receiver):
    message = make_message(destination=place, claimed_until=clock.now() + timedelta(seconds=60), attempts=1)
    assert actions.deliver_message(message_id=message.pk) is None
    claim_over(message)
    assert actions.deliver_message(message_id=message.pk) is True
    assert state_of(message) == ("sent", 2, "")


def test_worker_that_lost_its_claim_decides_nothing(transactional_db, receiver):
    message = make_message(destination=make_destination(address=receiver.url))

    def another_worker_takes_over(request, write):
        Message.objects.filter(pk=message.pk).update(attempts=2, claimed_until=clock.now() + timedelta(seconds=60))
        connection.close()
        return 422, {}, b""

    receiver.respond = another_worker_takes_over
    assert actions.deliver_message(message_id=message.pk) is False
    assert state_of(message) == ("waiting", 2, "")
    assert message.claimed_until > clock.now()


def test_message_set_aside_while_it_is_sent_is_sent(transactional_db, receiver):
    message = make_message(destination=make_destination(address=receiver.url))

    def set_aside(request, write):
        actions.set_message_aside(actor=CLI, message_id=message.pk, reason="too late")
        connection.close()
        return 200, {}, b""

    receiver.respond = set_aside
    assert actions.deliver_message(message_id=message.pk) is True
    assert state_of(message)[0] == "sent"


def test_messages_of_a_destination_that_hangs_step_aside(place, receiver):
    def hang(seconds):
        make_message(destination=place, attempts=1, claimed_until=clock.now() + timedelta(seconds=120 - seconds))

    hang(10)
    hang(1)
    assert deliver(place).state == "sent"
    hang(10)
    waiting = deliver(place)
    assert (waiting.state, waiting.attempts, waiting.told_at, len(receiver.requests)) == ("waiting", 0, None, 1)
    assert timedelta(seconds=5) < waiting.next_at - clock.now() <= timedelta(seconds=45)
    # Others are not held up, and neither is mail to one person.
    other = make_message(destination=make_destination(address=receiver.url))
    person = make_message(channel="email", address="a@example.com")
    assert [actions.deliver_message(message_id=message.pk) for message in (other, person)] == [True, True]


def test_claims_that_are_over_hold_nobody_up(place, receiver):
    for _ in range(3):
        make_message(destination=place, attempts=1, claimed_until=clock.now() - timedelta(hours=1))
    assert deliver(place).state == "sent"


def test_two_workers_at_once_send_once(transactional_db, receiver):
    messages = [make_message(destination=make_destination(address=receiver.url)) for _ in range(20)]
    start, results = threading.Barrier(4), []

    def work():
        start.wait(60)
        try:
            results.extend(actions.deliver_message(message_id=message.pk) for message in messages)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert (results.count(True), results.count(None)) == (20, 60)
    assert sorted(receiver.keys) == sorted(message.key for message in messages)
    assert (Message.objects.filter(state="sent", attempts=1).count(), Attempt.objects.count()) == (20, 20)


def test_second_claim_waits_for_the_first_and_finds_nothing(transactional_db, receiver, connect):
    """The moment that a conditional UPDATE is for: both have seen the row free, one holds its lock."""
    message = make_message(destination=make_destination(address=receiver.url))
    other = connect()
    other.execute("UPDATE notify_messages SET attempts = attempts + 1, claimed_until = now() + interval '1 minute' WHERE id = %s", [message.pk])
    results = []

    def work():
        results.append(actions.deliver_message(message_id=message.pk))
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    while not _somebody_waits():
        assert worker.is_alive()
    other.commit()
    worker.join(60)
    assert (results, receiver.requests) == ([None], [])


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.fetchone()[0] > 0

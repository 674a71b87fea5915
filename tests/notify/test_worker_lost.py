"""A worker that is killed between sending and recording: the receiver gets it again, and can tell by the key."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from notify import actions
from notify.models import Message
from opsportal import clock
from tests.factories import make_destination, make_message
from tests.live import ROOT, _url_of

pytestmark = pytest.mark.slow


def worker() -> subprocess.Popen[str]:
    """A process that delivers what is due from this test's database."""
    url = _url_of(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    environment = {**os.environ, "OPS_ENV": "test", "DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "manage.py", "outbox_deliver"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def until(condition, process) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_between_sending_and_recording(transactional_db, receiver):
    message = make_message(destination=make_destination(address=receiver.url), key="order-1")
    effects: set[str] = set()

    def take(request, write):
        effects.add(request.headers["idempotency-key"])
        return 200, {}, b"done"

    receiver.respond = take
    process = worker()
    try:
        until(lambda: Message.objects.filter(pk=message.pk, attempts=1).exists(), process)
        with transaction.atomic():
            # It has claimed; from here on it can send, and can't record.
            Message.objects.select_for_update().get(pk=message.pk)
            until(waits_for_a_lock, process)
            assert receiver.keys == ["order-1"]
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)
    finally:
        process.kill()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.tries.get().ok) == ("waiting", 1, None)
    # Its claim holds others off; then the next worker sends again.
    assert actions.deliver_message(message_id=message.pk) is None
    Message.objects.filter(pk=message.pk).update(claimed_until=clock.now() - timedelta(hours=1))
    second = worker()
    assert second.communicate(timeout=60)[0].splitlines()[-1] == "1 sent, 0 failed."
    message.refresh_from_db()
    assert (message.state, message.attempts, list(message.tries.order_by("number").values_list("ok", flat=True))) == ("sent", 2, [None, True])
    assert (receiver.keys, effects) == (["order-1", "order-1"], {"order-1"})
    assert actions.deliver_message(message_id=message.pk) is None


def test_killed_while_the_receiver_works_again_and_again(transactional_db, receiver):
    """Killed before any answer came: every try counts, and the message is dead in the end instead of for ever young."""
    message = make_message(destination=make_destination(address=receiver.url), allowed=3)
    running: list[subprocess.Popen[str]] = []
    receiver.respond = lambda request, write: os.killpg(running[-1].pid, signal.SIGKILL)
    for number in range(1, 4):
        running.append(worker())
        assert running[-1].wait(60) == -signal.SIGKILL
        message.refresh_from_db()
        assert (message.state, message.attempts, len(receiver.requests)) == ("waiting", number, number)
        Message.objects.filter(pk=message.pk).update(claimed_until=clock.now() - timedelta(hours=1))
    assert actions.requeue_due() == 0
    message.refresh_from_db()
    assert (message.state, set(receiver.keys)) == ("dead", {message.key})

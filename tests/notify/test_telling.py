"""The broker is only told; whether it is there must not matter to whoever acts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from celery import current_app
from django.db import transaction

from notify import actions, telling
from notify.models import Message
from tests.factories import make_destination, make_message


@contextmanager
def hanging_up() -> Iterator[tuple[str, list[int]]]:
    """A broker that takes a connection and ends it at once; counts them."""
    calls: list[int] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            calls.append(1)
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0", calls
    finally:
        server.close()


@pytest.fixture
def broker_at(monkeypatch):
    def use(url: str) -> None:
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)

    return use


def owe(key: str) -> Message:
    with transaction.atomic():
        return actions.enqueue_webhook(destination="product", topic="t", payload={}, key=key)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://nosuch.invalid:6379/0"])
def test_act_is_done_though_the_broker_is_away(transactional_db, broker_at, url):
    make_destination(name="product")
    broker_at(url)
    message = owe("a")
    assert Message.objects.get().pk == message.pk
    # Told for nothing: the sweep tells again when the time for it has come.
    Message.objects.update(told_at=None)
    assert actions.requeue_due() == 1


def test_broker_that_is_away_is_asked_once_and_then_left_alone(transactional_db, broker_at):
    make_destination(name="product")
    with hanging_up() as (url, calls):
        broker_at(url)
        for key in ("a", "b", "c"):
            owe(key)
        asked = len(calls)
        assert telling.tell([Message.objects.first().pk] * 50) == 0
        # No try and no wait of Celery's own beside the first.
        assert (asked, len(calls)) == (1, 1)
        telling._away_until = 0.0
        owe("d")
        assert len(calls) == 2


def test_message_reaches_the_queue_of_the_outbox(transactional_db):
    make_destination(name="product")
    with current_app.connection_for_read() as connection:
        queue = connection.default_channel.client
        message = owe("a")
        found = [text for text in queue.lrange("notify", 0, -1) if str(message.pk).encode() in text]
        assert len(found) == 1
        queue.lrem("notify", 0, found[0])


def test_put_off_message_is_told_with_its_wait(place, receiver, told, django_capture_on_commit_callbacks):
    receiver.answers(500)
    with django_capture_on_commit_callbacks(execute=True):
        actions.deliver_message(message_id=make_message(destination=place).pk)
    ((_message, wait),) = told
    assert 1 <= wait <= 15

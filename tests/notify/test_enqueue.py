import json
import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from audit.models import AuditLog
from notify import actions
from notify.models import Message
from opsportal.errors import Invalid, NotFound
from tests.factories import make_destination


def owe(**values):
    return actions.enqueue_webhook(**{"destination": "product", "topic": "plan.activated", "payload": {"plan": "pro"}, "key": "k-1"} | values)


@pytest.fixture
def product(db):
    return make_destination(name="product")


def test_message_is_owed_with_the_act(product, told, django_capture_on_commit_callbacks):
    at = datetime(2026, 11, 22, tzinfo=UTC)
    with django_capture_on_commit_callbacks(execute=True):
        message = owe(payload={"plan": "pró", "price": Decimal("1.50"), "at": at})
    assert json.loads(message.body) == {"plan": "pró", "price": "1.50", "at": "2026-11-22T00:00:00Z"}
    assert (message.state, message.attempts, message.destination, message.channel) == ("waiting", 0, product, "webhook")
    assert told == [(str(message.pk), None)]
    # The act that owes it has the audit row.
    assert AuditLog.objects.count() == 0


def test_same_key_again_makes_no_second_message(product, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        first, second = owe(), owe(payload={"plan": "other"})
    assert (second.pk, second.body) == (first.pk, first.body)
    assert (Message.objects.count(), len(told)) == (1, 1)


def test_outside_a_transaction_it_fails(transactional_db):
    make_destination(name="product")
    with pytest.raises(RuntimeError, match="inside the transaction"):
        owe()
    assert Message.objects.count() == 0


def test_rolled_back_act_owes_nothing(transactional_db, told):
    make_destination(name="product")
    with transaction.atomic():
        owe()
        transaction.set_rollback(True)
    assert (Message.objects.count(), told) == (0, [])


def test_two_acts_with_one_key_at_once_owe_one_message(transactional_db, told):
    make_destination(name="product")
    first_wrote, ids = threading.Event(), []

    def act(hold: bool) -> None:
        try:
            with transaction.atomic():
                ids.append(owe().pk)
                if hold:
                    first_wrote.set()
                    _until_somebody_waits()
        finally:
            connection.close()

    first = threading.Thread(target=act, args=(True,))
    first.start()
    assert first_wrote.wait(60)
    second = threading.Thread(target=act, args=(False,))
    second.start()
    for thread in (first, second):
        thread.join(60)
    assert (len(ids), len(set(ids)), Message.objects.count(), len(told)) == (2, 1, 1, 1)


def _until_somebody_waits() -> None:
    for _ in range(6000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.01)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": ""}, "key"), ({"key": "x" * 201}, "key"), ({"key": "a\nb"}, "key"), ({"key": "ção"}, "key"), ({"topic": ""}, "topic"),
        ({"topic": "x" * 61}, "topic"), ({"payload": {"x": "y" * 66_000}}, "body"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(product, values, field):
    with pytest.raises(Invalid) as refused:
        owe(**values)
    assert (refused.value.field, Message.objects.count()) == (field, 0)


def test_unknown_destination_is_refused(product):
    make_destination(name="mail", channel="email", address="a@example.com")
    for name in ("nowhere", "mail"):
        with pytest.raises(NotFound, match=name) as refused:
            owe(destination=name)
        assert refused.value.code == "no_destination"


def test_unknown_channel_and_no_address_are_refused(db):
    with transaction.atomic(), pytest.raises(Invalid, match="no channel"):
        actions.enqueue(channel="pigeon", key="k", topic="t", body="", address="x")
    with transaction.atomic(), pytest.raises(Invalid, match="needs a destination"):
        actions.enqueue_email(topic="t", subject="s", body="b", key="k")


def test_secret_text_is_not_in_the_database(db, told):
    message = actions.enqueue_email(
        topic="t", subject="s\nBcc: x@example.com", body="https://example.com/reset/abc", key="k", to="a@example.com", is_secret=True
    )
    assert ("reset" in message.body, message.subject) == (False, "s Bcc: x@example.com")

"""The whole way with a real Celery worker and a real broker that goes away and comes back."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.live import LivePortal, Servers

pytestmark = pytest.mark.slow
OWE = """
from django.db import transaction
from notify import actions
with transaction.atomic():
    actions.enqueue_webhook(destination="product", topic="t", payload={{"n": 1}}, key="{key}")
"""
ADD = """
from audit.actors import Actor
from notify import actions
actions.create_destination(actor=Actor.cli(), name="product", channel="webhook", address="{url}")
"""


@pytest.fixture
def portal(servers: Servers) -> Iterator[LivePortal]:
    """A portal without a web server, with one worker on the outbox's queue."""
    portal = servers.portal()
    with (portal.var / "worker.log").open("wb") as log:
        worker = portal.spawn(
            "-m", "celery", "-A", "opsportal", "worker", "-Q", "notify", "-c", "2", "--without-mingle", "--without-gossip", output=log
        )
    yield portal
    worker.terminate()
    worker.wait(60)


def run(portal: LivePortal, script: str) -> None:
    portal.manage("shell", "--no-imports", "-c", script)


def until_sent(sql: psycopg.Connection, key: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if sql.execute("SELECT 1 FROM notify_messages WHERE key = %s AND state = 'sent'", [key]).fetchone():
            return
        time.sleep(0.1)
    pytest.fail(str(sql.execute("SELECT key, state, attempts, error FROM notify_messages").fetchall()))


def test_messages_get_out_with_the_broker_and_after_it_was_away(servers, portal, receiver):
    with portal.connect(autocommit=True) as sql:
        run(portal, ADD.format(url=receiver.url) + OWE.format(key="a"))
        until_sent(sql, "a")
        servers.valkey.stop()
        run(portal, OWE.format(key="b"))
        assert sql.execute("SELECT state, attempts FROM notify_messages WHERE key = 'b'").fetchone() == ("waiting", 0)
        servers.valkey.start()
        # The sweep's moment: nobody has taken it up in two minutes.
        sql.execute("UPDATE notify_messages SET told_at = told_at - interval '3 minutes' WHERE key = 'b'")
        run(portal, "from notify import actions; assert actions.requeue_due() == 1")
        until_sent(sql, "b")
    assert receiver.keys == ["a", "b"]

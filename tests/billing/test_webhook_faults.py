"""Killed, cut off and all at once: whatever was answered is in the database, and has its effect once."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.billing.conftest import Canned
from tests.billing.providers.stripe import shapes
from tests.billing.sending import STRIPE, STRIPE_SECRET, stripe_event, stripe_signature
from tests.live import LivePortal
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
AT_ONCE = 20
SECONDS = 120
CHECKOUT = """
    WITH plan AS (INSERT INTO plans (key, name, amount, currency, days, rank, is_offered, version) VALUES ('pro', 'Pro', 2990, 'BRL', 30, 1, true, 1) RETURNING id)
    INSERT INTO checkout_sessions (checkout_id, provider, session_id, customer_key, plan_id, amount, currency)
    SELECT 'chk_1', 'stripe', 'cs_1', 'hh-1', id, 2990, 'BRL' FROM plan
"""


@pytest.fixture(scope="module")
def portal(make_live_portal: Any, outside: Receiver) -> Iterator[LivePortal]:
    """Without a broker from the first to the last: nothing listens where it should be."""
    made = make_live_portal(
        processes=1, threads=AT_ONCE, REDIS_URL="redis://127.0.0.1:1/0", STRIPE_WEBHOOK_SECRET=STRIPE_SECRET, STRIPE_SECRET_KEY="sk_test_tests",
        STRIPE_API_BASE=outside.url,
    )  # fmt: skip
    yield made
    made.stop()


@pytest.fixture
def sql(portal: LivePortal) -> Iterator[psycopg.Connection[Any]]:
    with portal.connect(autocommit=True) as connection:
        yield connection


def send(portal: LivePortal, raw: bytes) -> tuple[int, str]:
    answer = httpx.post(portal.url + STRIPE, content=raw, headers={"Stripe-Signature": stripe_signature(raw)}, timeout=SECONDS)
    return answer.status_code, answer.json().get("code", "")


def an_hour_ago(sql: psycopg.Connection[Any]) -> None:
    """Whoever had an event has it no more, and the message of it is not on its way any more."""
    sql.execute(
        "UPDATE webhook_events SET received_at = received_at - interval '1 hour', claimed_until = claimed_until - interval '1 hour',"
        " next_at = now() - interval '1 hour' WHERE state <> 'done'"
    )


def waits_for_a_lock(sql: psycopg.Connection[Any]) -> bool:
    found = sql.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").fetchone()
    return found is not None


def kill_when_it_waits(worker: subprocess.Popen[bytes], sql: psycopg.Connection[Any]) -> None:
    """kill -9 once it waits for a lock: it has asked, and has not committed."""
    try:
        deadline = time.monotonic() + SECONDS
        while not waits_for_a_lock(sql):
            assert worker.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(SECONDS)


def test_the_same_event_many_times_at_once_is_one(portal: LivePortal, sql: psycopg.Connection[Any]) -> None:
    raw = stripe_event("evt_many", "product.created")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _number: send(portal, raw), range(AT_ONCE)))
    assert answers == [(200, "")] * AT_ONCE
    assert sql.execute("SELECT count(*) FROM webhook_events WHERE event_id = 'evt_many'").fetchone() == (1,)


def test_every_refusal_counts_also_the_last_of_many(portal: LivePortal, sql: psycopg.Connection[Any]) -> None:
    """Within a second they are counted in the process, and written down once it is over."""
    for _number in range(5):
        assert httpx.post(portal.url + STRIPE, content=b"{}", timeout=SECONDS).status_code == 401
    deadline = time.monotonic() + SECONDS
    counts = "SELECT sum(times)::int FROM webhook_signature_counts WHERE reason = 'missing'"
    while (counted := sql.execute(counts).fetchone()) != (5,) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert counted == (5,)


def test_a_database_that_is_away_is_503_and_the_event_comes_again(portal: LivePortal, sql: psycopg.Connection[Any]) -> None:
    name = sql.info.dbname
    raw = stripe_event("evt_away", "product.created")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s", [name, sql.info.backend_pid])
        assert send(portal, raw) == (503, "unavailable")
        admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    deadline = time.monotonic() + SECONDS
    while (answer := send(portal, raw)) != (200, "") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert answer == (200, "")


def test_killed_processes_are_made_good_once(portal: LivePortal, sql: psycopg.Connection[Any], outside: Receiver) -> None:
    """The web server right after its answer, then a worker between the provider's answer and its own commit. The last one here: the portal is gone."""
    canned = Canned(outside)
    canned.says("/v1/payment_intents/pi_1", shapes.intent())
    canned.says("/v1/checkout/sessions", shapes.page(shapes.session()), payment_intent="pi_1")
    canned.says("/v1/refunds", shapes.page())
    canned.says("/v1/disputes", shapes.page())
    sql.execute(CHECKOUT)
    assert send(portal, stripe_event("evt_paid")) == (200, "")
    assert portal.process is not None
    os.killpg(portal.process.pid, signal.SIGKILL)
    portal.process.wait(SECONDS)
    an_hour_ago(sql)
    with portal.connect() as other:
        # It can ask and decide; it can't write.
        other.execute("SELECT FROM checkout_sessions FOR UPDATE")
        kill_when_it_waits(portal.spawn("manage.py", "process_webhook_events", output=subprocess.DEVNULL), sql)
    paid = "SELECT state, attempts, effect, answer_ms, (SELECT count(*) FROM plan_grants) FROM webhook_events WHERE event_id = 'evt_paid'"
    assert sql.execute(paid).fetchone() == ("received", 1, "", None, 0)
    an_hour_ago(sql)
    assert portal.manage("process_webhook_events").stdout.splitlines()[-1].endswith("processed, 0 failed, 0 taken by another worker.")
    assert sql.execute(paid).fetchone() == ("done", 2, "granted", None, 1)
    assert sql.execute("SELECT DISTINCT state FROM webhook_events").fetchall() == [("done",)]

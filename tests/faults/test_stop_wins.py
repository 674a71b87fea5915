"""Somebody sits on the gate. STOP takes effect all the same, while they still sit there, and says whom it ended."""

import threading
import time
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.live import LivePortal
from tests.race import Product, counters_agree, post, seats_after_the_stop, signed_in

pytestmark = pytest.mark.slow
INSERT = "INSERT INTO households (household_key, email) VALUES (%s, 'idle@example.com')"


def sit(portal: LivePortal, stack: ExitStack, key: str) -> psycopg.Connection[Any]:
    """A foreign client that has taken a seat in a transaction and gone to lunch."""
    sql = psycopg.connect(portal.database, application_name="foreign")
    stack.callback(sql.close)
    sql.execute(INSERT, [key])
    return sql


def ended(portal: LivePortal) -> list[dict[str, Any]]:
    """What the program and the audit row, alike, say about who was ended."""
    with portal.connect() as sql:
        program = sql.execute("SELECT ended_backends FROM beta_programs WHERE stopped_at IS NOT NULL").fetchone()
        audit = sql.execute(
            "SELECT changes -> 'ended_backends' -> 1 FROM ops_audit_logs WHERE action_type = 'STOP_SIGNUPS' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert program is not None
    assert audit is not None
    assert program[0] == (audit[0] or [])
    return list(program[0])


def is_ended(sql: psycopg.Connection[Any]) -> bool:
    try:
        sql.execute("SELECT 1")
        sql.commit()
    except psycopg.OperationalError:
        return True
    return False


def seats_of(portal: LivePortal, prefix: str) -> int:
    with portal.connect() as sql:
        row = sql.execute("SELECT count(*) FROM households WHERE starts_with(household_key, %s)", [prefix]).fetchone()
    assert row is not None
    return int(row[0])


def all_wait(portal: LivePortal, count: int = 8) -> None:
    """Until so many connections wait for the gate."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    with portal.connect(autocommit=True) as sql:
        while (sql.execute(waiting).fetchone() or (0,))[0] < count:
            assert time.monotonic() < deadline, "nobody waits for the gate"
            time.sleep(0.01)


def stop(web: Any) -> None:
    """Click the button. Whoever sits on the gate would sit there for good, and a click that waited for them would fail."""
    assert post(web, "/ops/beta/stop/").status_code == 200


def test_button_ends_an_idle_transaction_and_says_so(portal: LivePortal, key: str) -> None:
    with ExitStack() as stack, signed_in(portal) as web:
        idle = sit(portal, stack, "lunch-web")
        pid = idle.info.backend_pid
        stop(web)
        assert is_ended(idle)
        assert [(each["pid"], each["application"]) for each in ended(portal)] == [(pid, "foreign")]
        assert str(pid) in web.get("/ops/beta/").text
    assert seats_of(portal, "lunch-web") == 0
    counters_agree(portal)


def test_command_ends_an_idle_transaction_and_says_so(portal: LivePortal, key: str) -> None:
    with ExitStack() as stack:
        idle = sit(portal, stack, "lunch-cli")
        pid = idle.info.backend_pid
        said = portal.manage("stop_signups", "--reason", "panic").stdout
        assert f"pid {pid}, user " in said
        assert is_ended(idle)
    assert [each["application"] for each in ended(portal)] == ["foreign"]
    assert seats_of(portal, "lunch-cli") == 0


def test_several_behind_one_another_are_all_ended_or_ordered_before(portal: LivePortal, key: str) -> None:
    with ExitStack() as stack, signed_in(portal) as web:
        first = sit(portal, stack, "queue-0")
        others = [psycopg.connect(portal.database, application_name="foreign") for _ in range(3)]
        for number, sql in enumerate(others, 1):
            stack.callback(sql.close)
            # Gets the gate when the one before is ended, and then sits on it as well.
            threading.Thread(target=_try, args=(sql, f"queue-{number}"), daemon=True).start()
        all_wait(portal, 3)
        stop(web)
        assert is_ended(first)
    assert seats_of(portal, "queue-") == 0
    assert seats_after_the_stop(portal) == []
    counters_agree(portal)


def _try(sql: psycopg.Connection[Any], key: str) -> None:
    try:
        sql.execute(INSERT, [key])
    except psycopg.Error:
        sql.close()


def test_lock_on_a_household_alone_is_left_alone(portal: LivePortal, key: str) -> None:
    report = Product(portal, key, clients=1, attempts=1).report
    with ExitStack() as stack, signed_in(portal) as web:
        sql = psycopg.connect(portal.database)
        stack.callback(sql.close)
        sql.execute("SELECT FROM households WHERE household_key = %s FOR UPDATE", [report.seated[0].household_key])
        stop(web)
        assert not is_ended(sql)
    assert ended(portal) == []


def test_button_works_while_every_thread_is_asked_for_a_seat(portal: LivePortal, key: str) -> None:
    with ExitStack() as stack, signed_in(portal) as web:
        idle = sit(portal, stack, "crowd")
        product = Product(portal, key, clients=200, attempts=None, seconds=10, retries=0)
        all_wait(portal)
        stop(web)
        # The crowd is still there: the click did not wait for it to go.
        assert product.is_alive()
        report = product.report
        assert is_ended(idle)
    assert set(report.refused) == {"gate_unavailable", "signups_stopped"}
    assert seats_after_the_stop(portal) == []
    counters_agree(portal)


def test_two_clicks_at_once_leave_one_row(portal: LivePortal, key: str) -> None:
    count = "SELECT count(*) FROM ops_audit_logs WHERE action_type = 'STOP_SIGNUPS'"
    with portal.connect(autocommit=True) as sql, signed_in(portal) as one, signed_in(portal) as other:
        before = sql.execute(count).fetchone()
        clicks = [threading.Thread(target=stop, args=(web,)) for web in (one, other)]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        after = sql.execute(count).fetchone()
    assert before is not None
    assert after == (before[0] + 1,)

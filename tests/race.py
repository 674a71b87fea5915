"""What races and faults share: a product in a thread, people who sign in, and the proof afterwards."""

import asyncio
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg

from opsportal.embedded.binaries import postgres_programs
from sandbox.signups import Plan, Report, sign_up
from tests.factories import PASSWORD
from tests.live import ROOT, LivePortal, Servers

CTO = "ana@example.com"


def open_beta(portal: LivePortal, *, cap: int = 100) -> str:
    """Anybody may sign up, `cap` seats. Returns an API key."""
    portal.manage("beta_program", "--cap", str(cap), "--invite-only", "no", "--reason", "a race")
    return portal.manage("create_api_client", f"product-{time.monotonic_ns()}", "--scope", "signups").stdout.strip()


def make_cto(portal: LivePortal) -> None:
    command = [sys.executable, "manage.py", "create_person", CTO, "--role", "cto", "--name", "Ana Souza", "--password-stdin"]
    subprocess.run(command, cwd=ROOT, env=portal.environment, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)


@contextmanager
def signed_in(portal: LivePortal) -> Iterator[httpx.Client]:
    """The CTO's session, as a browser without JavaScript has it."""
    with httpx.Client(base_url=portal.url, timeout=30, follow_redirects=True) as web:
        web.get("/accounts/login/")
        done = post(web, "/accounts/login/", login=CTO, password=PASSWORD)
        assert "ops_session" in web.cookies, done.text
        yield web


def post(web: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return web.post(path, data={"csrfmiddlewaretoken": web.cookies["ops_csrf"], **fields}, headers={"Referer": str(web.base_url)})


class Product(threading.Thread):
    """Signs people up in a thread of its own; `report` waits for its end."""

    def __init__(self, portal: LivePortal, key: str, **plan: Any) -> None:
        super().__init__(daemon=True)
        self.plan = Plan(portal.url, key, **plan)
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._report = asyncio.run(sign_up(self.plan))
        except BaseException as error:
            self.error = error

    @property
    def report(self) -> Report:
        self.join(120)
        if self.error:
            raise self.error
        return self._report


@contextmanager
def never_above(portal: LivePortal, cap: int) -> Iterator[list[int]]:
    """Counts the seats all the while, from a connection beside. Yields the counts; fails when one is above the cap."""
    counts: list[int] = []
    over = threading.Event()

    def watch() -> None:
        with portal.connect(autocommit=True) as sql:
            while not over.wait(0.005):
                counts.append(active(sql))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield counts
    over.set()
    watcher.join()
    assert max(counts) <= cap


def active(sql: psycopg.Connection[Any]) -> int:
    row = sql.execute("SELECT count(*) FROM households WHERE status = 'active'").fetchone()
    assert row is not None
    return int(row[0])


def counters_agree(portal: LivePortal) -> int:
    """The gate's counter, the rows, and the seats' numbers say the same. Returns how many seats are taken."""
    with portal.connect() as sql:
        counted = sql.execute(
            "SELECT p.seats_taken, count(h.id), count(DISTINCT h.seat), p.cap, count(h.id) FILTER (WHERE h.seat IS NULL)"
            " FROM beta_programs p LEFT JOIN households h ON h.status = 'active' GROUP BY p.id"
        ).fetchone()
    assert counted is not None
    taken, rows, seats, cap, without = counted
    assert (rows, seats, without) == (taken, taken, 0)
    assert taken <= cap
    return int(taken)


def answers_are_rows(portal: LivePortal, report: Report) -> None:
    """Every seat that was answered is a row, every row of this run was answered, each with one audit row."""
    with portal.connect() as sql:
        rows = sql.execute(
            "SELECT household_key, id::text, seat FROM households WHERE source = 'api' AND starts_with(household_key, %s)", [run_of(report)]
        )
        kept = {key: (household_id, seat) for key, household_id, seat in rows}
        audited = sql.execute(
            "SELECT entity_id, count(*) FROM ops_audit_logs WHERE action_type = 'CLAIM_SEAT' AND entity_id = ANY(%s) GROUP BY 1",
            [[household_id for household_id, _seat in kept.values()]],
        ).fetchall()
    assert {attempt.household_key: (attempt.answer["household_id"], attempt.answer["seat"]) for attempt in report.seated} == kept
    assert dict(audited) == {household_id: 1 for household_id, _seat in kept.values()}


def run_of(report: Report) -> str:
    return report.attempts[0].household_key.rpartition("-")[0] + "-"


def seats_after_the_stop(portal: LivePortal) -> list[int]:
    """Seats that the program's own order puts behind its stop."""
    with portal.connect() as sql:
        found = sql.execute("SELECT seat FROM households, beta_programs p WHERE seat_version > p.stop_version ORDER BY 1")
        return [row[0] for row in found]


class CommitOrder:
    """PostgreSQL's own order of commits, read from its write-ahead log: what the log says is what a replica would replay."""

    def __init__(self, servers: Servers) -> None:
        self.postgres = servers.postgres
        self.begin = self._position()

    def _position(self) -> str:
        with psycopg.connect(self.postgres.url(), autocommit=True) as sql:
            row = sql.execute("SELECT pg_current_wal_flush_lsn() FROM pg_switch_wal()").fetchone()
        assert row is not None
        return str(row[0])

    def read(self) -> dict[int, int]:
        """Transaction id (32 bits) → its place among the commits since this object was made."""
        place = self.postgres.place
        command = [
            postgres_programs(place) / "pg_waldump",
            "-p",
            place.postgres_data() / "pg_wal",
            "-r",
            "Transaction",
            "-s",
            self.begin,
            "-e",
            self._position(),
        ]
        done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, cwd="/", **place.as_postgres_user())  # type: ignore[call-overload]
        found = re.findall(r"tx:\s+(\d+), lsn: [0-9A-F/]+, .*desc: COMMIT ", done.stdout)
        return {int(transaction): number for number, transaction in enumerate(found)}


def committed_after_the_stop(portal: LivePortal, order: dict[int, int]) -> tuple[int, list[int]]:
    """(seats given before the stop's commit, transactions that gave a seat and committed after it)."""
    with portal.connect() as sql:
        stop = sql.execute("SELECT transaction FROM ops_audit_logs WHERE action_type = 'STOP_SIGNUPS' ORDER BY id DESC LIMIT 1").fetchone()
        # A seated row was last written by the transaction that seated it.
        seated = [row[0] for row in sql.execute("SELECT xmin::text::bigint FROM households WHERE status = 'active'")]
    assert stop is not None
    end = order[stop[0] % 2**32]
    inside = [transaction for transaction in seated if transaction in order]
    return sum(order[transaction] < end for transaction in inside), [transaction for transaction in inside if order[transaction] > end]

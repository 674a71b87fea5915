"""Many calls at once, over HTTP, against a portal of two processes with sixteen threads each."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from tests.live import LivePortal

AT_ONCE = 50


@pytest.fixture
def portal(live_portal: LivePortal) -> Iterator[LivePortal]:
    yield live_portal
    with live_portal.connect(autocommit=True) as sql:
        for table in ("ping_events", "ping_flips", "pings", "ping_keys"):
            sql.execute(f"DELETE FROM {table}")


def add_ping(portal: LivePortal, slug: str = "") -> UUID:
    with portal.connect(autocommit=True) as sql:
        row = sql.execute(
            "INSERT INTO pings (uuid, name, slug, description, every, cron, time_zone, grace, created_by, paused_by, pause_reason, verdict, why, calls, minute_calls, not_kept)"
            " VALUES (gen_random_uuid(), 'race', %s, '', '1 hour', '', '', '10 minutes', 'tests', '', '', 'new', '', 0, 0, 0) RETURNING uuid",
            [slug],
        ).fetchone()  # fmt: skip
    assert row is not None
    return UUID(str(row[0]))


def add_key(portal: LivePortal) -> str:
    shell = "from health.actions import create_ping_key; from audit.actors import Actor; print('KEY', create_ping_key(actor=Actor.cli()).raw)"
    said = portal.manage("shell", "-c", shell).stdout
    return next(line.removeprefix("KEY ") for line in said.splitlines() if line.startswith("KEY "))


def all_at_once(portal: LivePortal, path: Callable[[int], str]) -> Counter[tuple[int, str]]:
    """AT_ONCE calls, each on a connection of its own. A 503 (a lock not had in time) is tried again, as curl --retry does."""
    start, answers, lock = threading.Barrier(AT_ONCE), Counter[tuple[int, str]](), threading.Lock()

    def call(number: int) -> None:
        with httpx.Client(base_url=portal.url, timeout=60) as web:
            start.wait(60)
            response = web.post(path(number), content=f"call {number}")
            for _time in range(20):
                if response.status_code != 503:
                    break
                response = web.post(path(number), content=f"call {number}")
        with lock:
            answers[response.status_code, response.text] += 1

    threads = [threading.Thread(target=call, args=[number]) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers


def rows(portal: LivePortal, sql: str) -> list[tuple]:
    with portal.connect() as database:
        return database.execute(sql).fetchall()


def test_of_fifty_calls_at_once_none_is_lost(portal):
    uuid = add_ping(portal)
    assert all_at_once(portal, lambda number: f"/ping/{uuid}") == {(200, "OK"): AT_ONCE}
    assert rows(portal, "SELECT calls, minute_calls <= calls, verdict, not_kept FROM pings") == [(AT_ONCE, True, "up", 0)]
    assert rows(portal, "SELECT count(*), count(DISTINCT body) FROM ping_events") == [(AT_ONCE, AT_ONCE)]
    assert rows(portal, "SELECT before, after FROM ping_flips") == [("new", "up")]


def test_fifty_runs_at_once_have_each_its_duration(portal):
    uuid, runs = add_ping(portal), [uuid4() for _number in range(AT_ONCE)]
    assert all_at_once(portal, lambda number: f"/ping/{uuid}/start?rid={runs[number]}") == {(200, "OK"): AT_ONCE}
    assert all_at_once(portal, lambda number: f"/ping/{uuid}/0?rid={runs[number]}") == {(200, "OK"): AT_ONCE}
    assert rows(portal, "SELECT count(*), count(DISTINCT rid) FROM ping_events WHERE kind = 'success' AND duration > interval '0'") == [
        (AT_ONCE, AT_ONCE)
    ]
    assert rows(portal, "SELECT running_since, running_rid FROM pings") == [(None, None)]


def test_fifty_failures_and_successes_flip_in_the_order_they_are_kept(portal):
    uuid = add_ping(portal)
    assert all_at_once(portal, lambda number: f"/ping/{uuid}/{number % 2}") == {(200, "OK"): AT_ONCE}
    said = [{"success": "up", "fail": "down"}[kind] for (kind,) in rows(portal, "SELECT kind FROM ping_events ORDER BY id")]
    changes = [after for before, after in zip(["new", *said], said, strict=False) if before != after]
    assert [after for (after,) in rows(portal, "SELECT after FROM ping_flips ORDER BY id")] == changes
    assert rows(portal, "SELECT verdict FROM pings") == [(said[-1],)]


def test_fifty_that_would_create_one_create_one(portal):
    key = add_key(portal)
    assert all_at_once(portal, lambda number: f"/ping/{key}/fresh?create=1") == {(201, "Created"): 1, (200, "OK"): AT_ONCE - 1}
    assert rows(portal, "SELECT slug, calls FROM pings") == [("fresh", AT_ONCE)]
    assert rows(portal, "SELECT count(*) FROM ops_audit_logs WHERE action_type = 'CREATE_PING' AND entity_label = 'fresh'") == [(1,)]


def test_a_body_in_chunks_and_one_that_is_huge_are_cut_and_taken(portal):
    uuid = add_ping(portal)

    def chunks() -> Iterator[bytes]:
        for _number in range(40):
            yield b"z" * 100_000

    with httpx.Client(base_url=portal.url, timeout=60) as web:
        assert web.post(f"/ping/{uuid}", content=chunks()).text == "OK"
        assert web.post(f"/ping/{uuid}", content=b"z" * 4_000_000).text == "OK"
        # The connection is good for the next call.
        assert web.post(f"/ping/{uuid}", content=b"next").text == "OK"
        assert (web.head(f"/ping/{uuid}").status_code, web.head(f"/ping/{uuid}").headers["Content-Length"]) == (200, "2")
    found = rows(portal, "SELECT length(body), is_cut FROM ping_events ORDER BY id LIMIT 3")
    assert found == [(10_000, True), (10_000, True), (4, False)]


def test_a_body_whose_chunks_break_off_beyond_what_is_kept_is_cut_and_taken(portal):
    uuid, address = add_ping(portal), urlsplit(portal.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(f"POST /ping/{uuid} HTTP/1.1\r\nHost: {address.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        connection.sendall(b"%x\r\n%s\r\nno size\r\n" % (2_000_000, b"z" * 2_000_000))
        answer = connection.makefile("rb").readline()
    assert (answer, rows(portal, "SELECT length(body), is_cut, kind FROM ping_events")) == (b"HTTP/1.1 200 OK\r\n", [(10_000, True, "success")])

"""Starting jobs as a cron does: over the wire, at the same moment, with bytes that no client library would send, and with servers away."""

import json
import os
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.live import LivePortal

SECRET, PREVIOUS = "live-secret-of-the-tests-0123456789-abc", "live-previous-of-the-tests-0123456789-abc"
HEADER = {"x-cron-secret": SECRET}
SWEEP = "/api/internal/jobs/sweep"


@pytest.fixture(scope="module")
def own_portal(make_live_portal: Callable[..., LivePortal]) -> LivePortal:
    # Requests of these tests come from addresses of their own, as if through a proxy.
    return make_live_portal(CRON_SECRET=SECRET, CRON_SECRET_PREVIOUS=PREVIOUS, OPS_PROXIES="1")


@pytest.fixture
def portal(own_portal: LivePortal) -> LivePortal:
    """Without a run that waits, and nobody held back."""
    with own_portal.connect(autocommit=True) as sql:
        sql.execute("UPDATE jobs_run SET state = 'stopped', ended_at = now() WHERE state = 'queued'")
        sql.execute("DELETE FROM ops_cache")
    return own_portal


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """All of them at the same moment."""
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait(60)
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_twenty_calls_at_the_same_moment_start_one_run(portal: LivePortal) -> None:
    headers = [HEADER, {"Authorization": f"Bearer {PREVIOUS}"}]
    answers = at_once(20, lambda number: httpx.request(("GET", "POST")[number % 2], portal.url + SWEEP, headers=headers[number % 2], timeout=60))
    told = Counter((answer.status_code, answer.json().get("code"), answer.json().get("reason")) for answer in answers)
    assert told == {(202, None, None): 1, (409, "not_run", "already_running"): 19}
    with portal.connect() as sql:
        assert sql.execute("SELECT count(*) FROM jobs_run WHERE state = 'queued' AND job = 'sweep'").fetchone() == (1,)


def test_guesses_at_the_same_moment_are_counted_one_by_one(portal: LivePortal) -> None:
    headers = {"x-cron-secret": "wrong", "X-Forwarded-For": "203.0.113.50"}
    answers = at_once(24, lambda number: httpx.get(portal.url + SWEEP, headers=headers, timeout=60).status_code)
    assert Counter(answers) == {401: 10, 429: 14}
    assert httpx.get(portal.url + SWEEP, headers=HEADER | {"X-Forwarded-For": "203.0.113.50"}, timeout=60).status_code == 202


def test_the_curl_of_the_runbook(portal: LivePortal) -> None:
    command = ["curl", "-sS", "-X", "GET", portal.url + SWEEP, "-H", f"x-cron-secret: {SECRET}", "-w", "\n%{http_code}"]
    body, status = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.rsplit("\n", 1)
    answer = json.loads(body)
    assert (status, sorted(answer)) == ("202", ["run_id", "status_url"])
    run = httpx.get(answer["status_url"], headers=HEADER, timeout=60).json()
    assert (run["run_id"], run["job"], run["state"]) == (answer["run_id"], "sweep", "queued")


def raw(portal: LivePortal, request: bytes) -> bytes:
    """The status line of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60) as wire:
        wire.sendall(request)
        return wire.makefile("rb").readline().strip()


def header(line: bytes, body: bytes = b"") -> bytes:
    return b"POST " + SWEEP.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + line + b"\r\n\r\n" + body


CHUNKED = b"".join(b"10000\r\n" + b"x" * 0x10000 + b"\r\n" for _ in range(32)) + b"0\r\n\r\n"
GOOD = b"x-cron-secret: " + SECRET.encode()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (header("x-cron-secret: sénha".encode()), b"401"),
        (header(b"x-cron-secret: \xff\xfe\xfd"), b"401"),
        (header(b"x-cron-secret: \x80"), b"401"),
        (header(b"x-cron-secret: a\x00b"), b"400"),
        (header(b"x-cron-secret: " + b"x" * 8000), b"401"),
        (header(b"x-cron-secret: " + b"x" * 9000), b"431"),
        (header(GOOD + b"\r\n" + GOOD), b"401"),
        (header(GOOD + b"\r\nContent-Length: 2000000", b"x" * 2_000_000), b"413"),
        (header(GOOD + b"\r\nTransfer-Encoding: chunked", CHUNKED), b"413"),
        (header(b"X_Cron_Secret: " + SECRET.encode()), b"401"),
    ],
    ids=["latin", "bytes", "high", "nul", "long", "too long", "twice", "2 MB", "2 MB in chunks", "underscores"],
)
def test_hostile_bytes_start_nothing(portal: LivePortal, request_bytes: bytes, status: bytes) -> None:
    # A server that refuses before it has read everything may close the line over its own answer.
    with suppress(BrokenPipeError, ConnectionResetError):
        assert raw(portal, request_bytes).split()[1] == status
    with portal.connect() as sql:
        assert sql.execute("SELECT count(*) FROM jobs_run WHERE state = 'queued'").fetchone() == (0,)
    assert httpx.get(portal.url + SWEEP, headers=HEADER, timeout=60).status_code == 202


def test_no_secret_gets_into_the_log(portal: LivePortal) -> None:
    for headers in (HEADER, {"Authorization": f"Bearer {PREVIOUS}"}, {"x-cron-secret": f"{SECRET}x"}):
        httpx.get(portal.url + SWEEP, headers=headers, timeout=60)
    log = portal.log.read_text()
    assert [secret for secret in (SECRET, PREVIOUS) if secret in log] == []


@pytest.fixture(scope="module")
def portal_without_broker(make_live_portal: Callable[..., LivePortal]) -> LivePortal:
    return make_live_portal(processes=1, threads=4, CRON_SECRET=SECRET, CRON_SECRET_PREVIOUS="short", REDIS_URL="redis://127.0.0.1:1/0")


def test_without_a_broker_the_run_is_queued_and_the_answer_says_so(portal_without_broker: LivePortal) -> None:
    portal = portal_without_broker
    answer = httpx.post(portal.url + SWEEP, headers=HEADER, timeout=60)
    assert (answer.status_code, answer.json()["waits_for"]) == (202, "broker")
    with portal.connect() as sql:
        assert sql.execute("SELECT state, sent_at FROM jobs_run").fetchall() == [("queued", None)]
    # Break-glass: carried out at the prompt.
    done = portal.manage("run_job", "sweep", "--wait")
    assert done.stdout.splitlines()[-1] == f"Run {answer.json()['run_id']} of sweep succeeded. Everything was done."


def test_a_short_secret_is_said_in_the_log_of_the_start_and_opens_nothing(portal_without_broker: LivePortal) -> None:
    portal = portal_without_broker
    assert '"event": "CRON_SECRET_PREVIOUS opens nothing: it needs 32 printable ASCII characters or more."' in portal.log.read_text()
    assert httpx.get(portal.url + SWEEP, headers={"x-cron-secret": "short"}, timeout=60).status_code == 401


@contextmanager
def database_away(portal: LivePortal) -> Iterator[None]:
    """For this portal alone: nobody can connect, and who was connected is not any more."""
    name = conninfo_to_dict(portal.database)["dbname"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")


@pytest.mark.parametrize("secret", [SECRET, "wrong"])
def test_without_a_database_it_is_503_for_everybody(portal_without_broker: LivePortal, secret: str) -> None:
    with database_away(portal_without_broker):
        answer = httpx.post(portal_without_broker.url + SWEEP, headers={"x-cron-secret": secret}, timeout=60)
    assert (answer.status_code, answer.json()["code"], answer.headers["Cache-Control"]) == (503, "unavailable", "no-store")

"""The servers go away and come back; gunicorn is never restarted."""

import os
import signal
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.live import LivePortal, Servers
from tests.race import Product, answers_are_rows, counters_agree, post, signed_in

pytestmark = pytest.mark.slow


def alive(portal: LivePortal) -> int:
    return httpx.get(f"{portal.url}/health/live", timeout=2).status_code


def comes_back(portal: LivePortal, key: str) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        report = Product(portal, key, clients=20, attempts=40).report
        if len(report.seated) == 40:
            return answers_are_rows(portal, report)
    pytest.fail(f"no recovery: {report.as_dict()}")


def everybody_is_refused_quickly(portal: LivePortal, key: str) -> None:
    report = Product(portal, key, clients=200, attempts=1200, retries=0).report
    assert (report.refused, report.errors, report.seated) == ({"gate_unavailable": 1200}, {}, [])
    assert {attempt.status for attempt in report.attempts} == {503}
    # Each for itself would wait for the pool's whole timeout, one behind another: 1,200 attempts on 32 threads, for a minute.
    assert report.seconds < 30


def test_valkey_away_changes_nothing_here(own_servers: Servers, portal: LivePortal, key: str) -> None:
    own_servers.valkey.stop()
    try:
        with signed_in(portal) as web:
            assert len(Product(portal, key, clients=20, attempts=40).report.seated) == 40
            assert post(web, "/ops/beta/stop/").status_code == 200
            assert Product(portal, key, clients=20, attempts=40).report.refused == {"signups_stopped": 40}
            assert "STOP_SIGNUPS" in web.get("/ops/audit/?action=STOP_SIGNUPS").text
    finally:
        own_servers.valkey.start()


def test_postgres_stopped_is_503_for_everybody_and_comes_back(own_servers: Servers, portal: LivePortal, key: str) -> None:
    own_servers.postgres.stop()
    try:
        everybody_is_refused_quickly(portal, key)
        assert alive(portal) == 200
        assert httpx.get(f"{portal.url}/ops/beta/", timeout=5).status_code in (302, 503)
    finally:
        own_servers.postgres.start()
    comes_back(portal, key)


def test_postgres_killed_in_mid_race_loses_no_answered_seat(own_servers: Servers, portal: LivePortal, key: str) -> None:
    # The tests' servers answer before the log is written, which loses the last commits of a killed server. Real ones don't.
    with portal.connect(autocommit=True) as sql:
        sql.execute("ALTER SYSTEM SET synchronous_commit = on")
        sql.execute("SELECT pg_reload_conf()")
    product = Product(portal, key, clients=100, attempts=None, seconds=5, retries=0)
    time.sleep(1.5)
    pid = int((own_servers.postgres.place.postgres_data() / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    own_servers.postgres.start()
    report = product.report
    assert set(report.refused) <= {"gate_unavailable"}
    assert report.errors == {}
    comes_back(portal, key)
    counters_agree(portal)
    with portal.connect() as sql:
        rows = {row[0] for row in sql.execute("SELECT id::text FROM households")}
    lost = [attempt for attempt in report.seated if attempt.answer["household_id"] not in rows]
    assert lost == []


def test_worker_killed_in_mid_race_seats_nobody_twice(portal: LivePortal, key: str) -> None:
    product = Product(portal, key, clients=100, attempts=1500)
    time.sleep(1)
    assert portal.process is not None
    children = Path(f"/proc/{portal.process.pid}/task/{portal.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    report = product.report
    assert (len(report.seated), report.refused, report.errors) == (1500, {}, {})
    assert sum(attempt.repeats for attempt in report.attempts) > 0
    answers_are_rows(portal, report)
    counters_agree(portal)


def test_celery_worker_killed_is_not_noticed(portal: LivePortal, key: str) -> None:
    worker = portal.spawn("-m", "celery", "-A", "opsportal", "worker", "--concurrency", "1", "--loglevel", "ERROR")
    product = Product(portal, key, clients=50, attempts=300)
    time.sleep(0.5)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert len(product.report.seated) == 300
    assert portal.manage("stop_signups").returncode == 0
    with psycopg.connect(portal.database) as sql:
        assert sql.execute("SELECT stopped_at IS NOT NULL FROM beta_programs").fetchone() == (True,)

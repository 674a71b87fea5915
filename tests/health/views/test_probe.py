import json

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from health import checks, registry, uptime
from tests.factories import make_person

READY = {"database", "migrations", "broker"}


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch):
    """And with patience: what a busy machine takes for a first connection is not what these tests are about."""
    monkeypatch.setattr(checks, "LIMIT_SECONDS", 30)
    checks.forget()
    yield
    checks.forget()


def without_times(answer: dict) -> dict:
    return {name: {key: value for key, value in check.items() if key != "ms"} for name, check in answer.items()}


def test_live_touches_neither_database_nor_session(client, owner, django_assert_num_queries):
    client.force_login(owner)
    with django_assert_num_queries(0):
        response = client.get("/health/live")
    assert (response.status_code, response.content, response["Content-Type"]) == (200, b"ok\n", "text/plain")
    assert "Set-Cookie" not in response
    assert "no-store" in response["Cache-Control"]


def test_ready_says_each_dependency(client, transactional_db):
    response = client.get("/health/ready")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "ok")
    assert without_times(body["checks"]) == {"database": {"status": "ok"}, "migrations": {"status": "ok", "pending": 0}, "broker": {"status": "ok"}}


def test_ready_without_redis_is_degraded_and_serves(client, transactional_db, settings):
    settings.REDIS_URL = "redis+socket:///nowhere/valkey.sock"
    response = client.get("/health/ready")
    assert (response.status_code, response.json()["status"], response.json()["checks"]["broker"]) == (200, "degraded", {"status": "degraded"})
    assert client.get("/health").content == b"ok\n"


def test_ready_with_a_redis_that_never_answers_gives_up(client, transactional_db, settings, silent_server):
    settings.REDIS_URL = f"redis://127.0.0.1:{silent_server}/0"
    assert client.get("/health/ready").json()["checks"]["broker"] == {"status": "degraded"}


def test_ready_with_pending_migrations_is_unavailable(client, transactional_db):
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("audit", "0002_append_only")
    try:
        response = client.get("/health/ready")
        body = response.json()
        assert (response.status_code, body["status"], body["checks"]["migrations"]) == (503, "unavailable", {"status": "pending", "pending": 1})
        assert (client.get("/health").status_code, client.get("/health").content) == (503, b"unavailable\n")
        assert client.get("/api/status").status_code == 503
    finally:
        recorder.record_applied("audit", "0002_append_only")


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [("*/*", "text/plain", b"ok\n"), ("text/html,*/*;q=0.8", "text/plain", b"ok\n"), ("application/json", "application/json", b'{"status": "ok"}')],
)
def test_health_is_one_word(client, transactional_db, accept, content_type, body):
    response = client.get("/health", headers={"accept": accept})
    assert (response.status_code, response["Content-Type"], response.content) == (200, content_type, body)


def test_status_says_the_facts_and_what_apps_registered(client, transactional_db, monkeypatch):
    monkeypatch.setattr(registry, "_parts", {"signups": lambda: {"open": True, "cap": 100}})
    response = client.get("/api/status")
    body = response.json()
    assert response.status_code == 200
    assert body.pop("uptime_seconds") == pytest.approx(uptime.seconds(), abs=60)
    assert body == {
        "status": "ok", "version": uptime.version(), "environment": "test", "database": "ok", "migrations": "ok", "broker": "ok", "signups": {"open": True, "cap": 100},
    }  # fmt: skip


def test_status_of_a_part_that_breaks_is_null(client, transactional_db, monkeypatch):
    def breaks():
        raise RuntimeError("postgresql://ops:hunter2@db/ops")

    monkeypatch.setattr(registry, "_parts", {"signups": breaks, "slow": sleeps, "after": lambda: 1})
    response = client.get("/api/status")
    body = json.loads(response.content)
    assert (response.status_code, body["signups"], body["slow"], body["after"]) == (200, None, None, 1)
    assert b"hunter2" not in response.content


def sleeps() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(10)")


def test_a_parts_limit_ends_with_it(client, transactional_db, monkeypatch):
    monkeypatch.setattr(registry, "_parts", {"limit": limit})
    assert client.get("/api/status").json()["limit"] == "1s"
    assert limit() == "15s"


def limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


def test_status_tells_a_stranger_nothing_about_people_or_hosts(client, transactional_db, settings):
    make_person(email="secret.person@example.com", name="Secret Person")
    settings.OPS_INSTANCE = "secret-host"
    content = client.get("/api/status").content + client.get("/health/ready").content
    assert [word for word in (b"ecret", str(settings.OPS_VAR).encode(), b"socket") if word in content] == []


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/api/status"])
def test_other_methods_are_405_also_without_a_token(db, path):
    client = Client(enforce_csrf_checks=True)
    response = client.post(path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert client.head(path).status_code == 200

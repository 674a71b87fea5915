"""What the portal depends on, asked within a second: PostgreSQL, its migrations, and Redis.

A check runs in a thread of its own, one per process at a time, and whoever asks waits a second for it at most: probes never
pile up behind a server that does not answer. An answer is good for a few seconds.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.migrations.loader import MigrationLoader

LIMIT_SECONDS = 1.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """`state`: ok, degraded, pending, unavailable, or unknown where it could not be asked."""

    state: str
    milliseconds: int | None = None
    pending: int | None = None

    def as_json(self) -> dict[str, object]:
        facts = {"status": self.state, "ms": self.milliseconds, "pending": self.pending}
        return {name: value for name, value in facts.items() if value is not None}


class Check:
    """Asks in the background, remembers the answer for `good_for` seconds."""

    def __init__(self, ask: Callable[[], Answer], *, good_for: float, silence: Answer) -> None:
        self._ask, self._good_for, self._silence = ask, good_for, silence
        self._lock = threading.Lock()
        self._running: threading.Event | None = None
        self._answer, self._until = silence, 0.0

    def answer(self) -> Answer:
        """The answer; `silence` when it is not there within LIMIT_SECONDS."""
        with self._lock:
            if time.monotonic() < self._until:
                return self._answer
            if self._running is None:
                self._running = threading.Event()
                threading.Thread(target=self._run, args=(self._running,), daemon=True).start()
            done = self._running
        return self._answer if done.wait(LIMIT_SECONDS) else self._silence

    def forget(self) -> None:
        with self._lock:
            self._until = 0.0

    def _run(self, done: threading.Event) -> None:
        answer = self._silence
        try:
            answer = self._ask()
        finally:
            with self._lock:
                self._answer, self._until, self._running = answer, time.monotonic() + self._good_for, None
            done.set()


def _database() -> Answer:
    began = time.monotonic()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '1s'")
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = set(cursor.fetchall())
    except (DatabaseError, InterfaceError) as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        return Answer("unavailable")
    finally:
        connection.close()
    return Answer("ok", round((time.monotonic() - began) * 1000), len(_migrations() - applied))


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """(app, name) of every migration in the code; it doesn't change while the process runs."""
    return frozenset(MigrationLoader(None).disk_migrations or {})


def _broker() -> Answer:
    url = settings.REDIS_URL.replace("redis+socket://", "unix://", 1)
    client = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None)
    began = time.monotonic()
    try:
        client.ping()
    except (redis.RedisError, OSError) as error:
        log.warning("the broker does not answer: %s", type(error).__name__)
        return Answer("degraded")
    finally:
        client.close()
    return Answer("ok", round((time.monotonic() - began) * 1000))


database_check = Check(_database, good_for=1.0, silence=Answer("unavailable"))
broker_check = Check(_broker, good_for=5.0, silence=Answer("degraded"))


def forget() -> None:
    """Ask anew next time; for tests and after a known change."""
    database_check.forget()
    broker_check.forget()

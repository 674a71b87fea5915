"""A PostgreSQL of the benchmark's own, and one gunicorn of 2 processes with 16 threads that serves the portal and its peers."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Self

from opsportal import embedded

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES, THREADS = 2, 16
SETTINGS = "bench.switches.settings"


class Bench:
    """Use it in `with`. `port` is the server's; `key` an API key that may read switches."""

    def __enter__(self) -> Self:
        self.var = Path(tempfile.mkdtemp(prefix="opsportal-bench-"))
        self.var.chmod(0o755)
        embedded.hold(self.var, durable=True)
        self.manage("migrate", "--noinput")
        self.manage("waffle_switch", "ENABLE_JOBS", "on", "--create")
        self.key = self.manage("create_api_client", "bench", "--scope", "flags").split()[-1]
        self.port = _free_port()
        self.server = self._serve()
        return self

    def __exit__(self, *exc: object) -> None:
        self.server.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.server.wait(25)
        embedded.stop_if_last(self.var)
        shutil.rmtree(self.var, ignore_errors=True)
        shutil.rmtree(embedded.Place(self.var).sockets, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        left = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL") and not name.startswith("ENABLE_")}
        own = {"OPS_ENV": "test", "OPS_VAR": str(self.var), "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": SETTINGS}
        return {**left, **own, "WEB_CONCURRENCY": str(PROCESSES), "WEB_THREADS": str(THREADS)}

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "django", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment(), check=True, stdout=subprocess.PIPE, text=True).stdout

    def cpu_seconds(self) -> float:
        """What the server's processes have computed so far, in user and kernel mode. Linux: man 5 proc, fields 14 and 15 of stat."""
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
        return sum(int(found[11]) + int(found[12]) for found in fields) / os.sysconf("SC_CLK_TCK")

    def _serve(self) -> subprocess.Popen[bytes]:
        # Without the change of workers that production makes every 20,000 requests: it would fall into some rounds and not into others.
        command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--max-requests", "0", "opsportal.wsgi:application"]
        log = self.var / "web.log"
        with log.open("wb") as output:
            server = subprocess.Popen(command, cwd=ROOT, env={**self.environment(), "PORT": str(self.port)}, stdout=output, stderr=output)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            # An answer and not just a connection: gunicorn listens before its workers have imported the portal.
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=30):
                return server
            time.sleep(0.1)
        server.kill()
        raise SystemExit("The server does not start:\n" + log.read_text()[-2000:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

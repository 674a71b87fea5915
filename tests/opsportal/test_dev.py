"""bin/dev as a person uses it: a real process, its signals, and what is left of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.live import _free_port
from tests.servers import remove, throwaway_folder

ROOT = Path(__file__).resolve().parent.parent.parent
WITHIN = 90


class Dev:
    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = _free_port()
        self.process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "OPS_DB_POOL")}
        return {**clean, "OPS_ENV": "dev", "OPS_VAR": str(self.var), "PORT": str(self.port), **more}

    def spawn(self, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-m", "opsportal.dev", "--empty"], cwd=ROOT, env=self.environment(**more), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip

    def up(self) -> None:
        self.process = self.spawn()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("Ctrl-C"):
                break
        assert urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live", timeout=5).status == 200

    def refusal(self, **more: str) -> tuple[int, str]:
        done = self.spawn(**more)
        _out, said = done.communicate(timeout=WITHIN)
        return done.returncode, said

    def processes(self) -> list[str]:
        """Command lines of everything that works on this folder of data."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"OPS_VAR={self.var}".encode() in (folder / "environ").read_bytes() or str(self.var) in (folder / "cmdline").read_text():
                    found.append((folder / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found


@pytest.fixture
def dev():
    one = Dev(throwaway_folder())
    yield one
    if one.process is not None:
        one.process.terminate()
        one.process.communicate(timeout=WITHIN)
    remove(one.var)


@pytest.mark.slow
def test_everything_comes_up_and_an_interrupt_leaves_nothing(dev):
    dev.up()
    assert sum("gunicorn" in line for line in dev.processes()) == 3
    assert dev.refusal(PORT=str(_free_port())) == (
        1,
        f"bin/dev already runs on {dev.var} (process {dev.process.pid}); stop it, or set OPS_VAR to another folder.\n",
    )
    dev.process.send_signal(signal.SIGINT)
    assert dev.process.wait(30) == 0
    assert dev.processes() == []


@pytest.mark.slow
def test_after_a_kill_the_next_start_works(dev):
    dev.up()
    dev.process.kill()
    dev.process.wait()
    dev.up()
    assert sum("celery" in line and " beat " in line for line in dev.processes()) == 1


@pytest.mark.slow
def test_a_part_that_ended_is_started_again(dev):
    dev.up()
    group = int((dev.var / "dev-web.lock").read_text())
    os.killpg(group, signal.SIGKILL)
    deadline = time.monotonic() + WITHIN
    while int((dev.var / "dev-web.lock").read_text() or group) == group and time.monotonic() < deadline:
        time.sleep(0.1)
    assert int((dev.var / "dev-web.lock").read_text()) != group


def test_a_busy_port_is_one_clear_line(dev):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", dev.port))
        busy.listen()
        assert dev.refusal() == (
            1,
            f"PORT: {dev.port} cannot be used (address already in use); name another one, as in PORT={dev.port + 1} bin/dev.\n",
        )

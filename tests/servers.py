"""Throwaway servers for the test run. Loaded by `-p tests.servers`, before Django reads its settings.

With DATABASE_URL / REDIS_URL set, nothing is started. Workers of xdist inherit the addresses from their controller.
"""

import fcntl
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

from opsportal import embedded

PREFIX = "opsportal-test-"
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 * 1024**3
OLD_SECONDS = 120

os.environ.setdefault("OPS_ENV", "test")
# A run starts a hundred processes: each would compile the same thousands of files anew, which takes longer than what it does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
_started: Path | None = None


def throwaway_folder() -> Path:
    """A new folder for servers' data, in memory where there is enough of it."""
    try:
        room = os.statvfs(MEMORY)
        in_memory = os.access(MEMORY, os.W_OK) and room.f_bavail * room.f_frsize >= ENOUGH_BYTES
    except OSError:
        in_memory = False
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if in_memory else None))
    folder.chmod(0o755)
    return folder


def remove(var: Path) -> None:
    """Remove stopped servers with all that is theirs."""
    place = embedded.Place(var)
    shutil.rmtree(place.postgres_data(), ignore_errors=True)
    shutil.rmtree(var, ignore_errors=True)
    shutil.rmtree(place.sockets, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Stop and remove what a test run left behind when it was killed: its servers are held by nobody."""
    for users in parent.glob(f"{PREFIX}*/embedded.users"):
        try:
            if users.stat().st_uid != os.getuid() or time.time() - users.stat().st_mtime < OLD_SECONDS:
                continue
            with users.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for server in embedded.servers(users.parent):
                    server.stop()
        except OSError:
            continue
        remove(users.parent)


def _start() -> None:
    global _started
    var = throwaway_folder()
    remove_abandoned(var.parent)
    embedded.hold(var, durable=False)
    postgres, valkey = embedded.servers(var)
    os.environ["DATABASE_URL"] = postgres.url()
    os.environ["REDIS_URL"] = valkey.url()
    os.environ["OPS_VAR"] = str(var)
    _started = var


if "DATABASE_URL" not in os.environ and "PYTEST_XDIST_WORKER" not in os.environ:
    _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _started and "PYTEST_XDIST_WORKER" not in os.environ and embedded.stop_if_last(_started):
        remove(_started)

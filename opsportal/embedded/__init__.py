"""PostgreSQL and Valkey from wheels, for development and tests.

Every process that uses them holds a shared lock on ``var/embedded.users``; whoever leaves last stops the servers. A lock
dies with its process, so nothing has to be cleaned up after a ``kill -9``. See docs/adr/0002-embedded-servers.md.
"""

import atexit
import fcntl
import os
from pathlib import Path
from typing import Any

from opsportal import environment
from opsportal.embedded.place import EmbeddedError, Place
from opsportal.embedded.postgres import Postgres
from opsportal.embedded.valkey import Valkey

__all__ = ["EmbeddedError", "Place", "Postgres", "Valkey", "hold", "hold_needed", "servers", "stop_if_last"]

_held: dict[Path, int] = {}


def servers(var: Path, *, durable: bool = True) -> tuple[Postgres, Valkey]:
    place = Place(var)
    return Postgres(place, durable=durable), Valkey(place)


def hold_needed(settings: Any) -> None:
    """Hold the servers that the settings name no URL for. Ends the process with one line when one does not start."""
    kinds = [kind for kind, url in ((Postgres, "DATABASE_URL"), (Valkey, "REDIS_URL")) if not environment.text(url)]
    if not kinds:
        return
    try:
        hold(settings.OPS_VAR, kinds=tuple(kinds))
    except OSError as error:
        environment.refuse("OPS_VAR", f"{error.filename or settings.OPS_VAR} cannot be used ({error.strerror}); name a folder that can be written.")
    except EmbeddedError as error:
        raise SystemExit(f"The embedded servers: {error}") from None


def hold(var: Path, *, durable: bool = True, kinds: tuple[type, ...] = (Postgres, Valkey)) -> None:
    """Make sure the servers run, and keep them running until this process and its children end.

    Raises EmbeddedError with one clear line when a server does not start.
    """
    var = var.resolve()
    if var in _held:
        return
    var.mkdir(parents=True, exist_ok=True)
    _held[var] = users = os.open(var / "embedded.users", os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(users, False)
    fcntl.flock(users, fcntl.LOCK_SH)
    with _starting(var):
        for server in servers(var, durable=durable):
            if isinstance(server, kinds):
                server.start()
    atexit.register(_leave, var, os.getpid())


def _leave(var: Path, pid: int) -> None:
    if os.getpid() == pid:
        stop_if_last(var)


def stop_if_last(var: Path) -> bool:
    """Stop both servers unless another process holds them. Returns whether they were stopped."""
    var = var.resolve()
    users = _held.pop(var, None)
    if users is None:
        return False
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        for server in servers(var):
            server.stop()
        return True
    finally:
        os.close(users)


class _starting:
    """Only one process starts servers at a time; the others find them running."""

    def __init__(self, var: Path) -> None:
        self.path = var / "embedded.starting"

    def __enter__(self) -> None:
        self.lock = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)

    def __exit__(self, *exc: object) -> None:
        os.close(self.lock)

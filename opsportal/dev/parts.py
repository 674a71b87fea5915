"""The processes of bin/dev: started in an order, looked after, ended in an order, and found again after a `kill -9`."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

MAX_ENDS = 3
WITHIN_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


@dataclass
class Part:
    """One process. `patience`: seconds it has to end by itself before it is killed."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    patience: float = 5.0
    process: subprocess.Popen[bytes] | None = None
    ends: list[float] = field(default_factory=list)


@contextmanager
def lock_or_refuse(var: Path) -> Iterator[None]:
    """One bin/dev for one folder of data. The lock dies with its process."""
    with (var / "dev.lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"bin/dev already runs on {var} (process {lock.read().strip()}); stop it, or set OPS_VAR to another folder.") from None
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


class Parts:
    """Each part leads a process group, and it and all its children hold a lock on `var/dev-NAME.lock`, which names the group.

    So a group that outlived its bin/dev can be told for certain from one that only has the same number.
    """

    def __init__(self, var: Path, parts: list[Part]) -> None:
        self.var = var
        self.parts = parts

    def start(self, *names: str) -> None:
        for part in self.parts:
            if part.name in names:
                self._start(part)

    def look_after(self) -> None:
        """Start again what ended. Raises SystemExit with one line when a part keeps ending."""
        for part in self.parts:
            code = part.process.poll() if part.process else None
            if code is None:
                continue
            now = time.monotonic()
            part.ends = [*(at for at in part.ends if now - at < WITHIN_SECONDS), now]
            how = f"exit code {code}" if code >= 0 else f"signal {-code}"
            if len(part.ends) >= MAX_ENDS:
                raise SystemExit(
                    f"bin/dev: {part.name} ended {len(part.ends)} times within {WITHIN_SECONDS:.0f} seconds, last with {how}; what it said stands above."
                )
            print(f"bin/dev: {part.name} ended with {how}; starting it again.", file=sys.stderr, flush=True)
            _end_group(part.process.pid, signal.SIGKILL) if part.process else None
            self._start(part)

    def watch(self) -> None:
        while True:
            self.look_after()
            time.sleep(0.2)

    def stop(self) -> None:
        """End all parts, each within its patience; a second Ctrl-C meanwhile changes nothing."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        started = [(part, part.process) for part in self.parts if part.process is not None]
        for _part, process in started:
            process.terminate()
        for part, process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(part.patience)
            _end_group(process.pid, signal.SIGKILL)
            process.wait()

    def end_orphans(self) -> None:
        """End what an earlier bin/dev left behind when it was killed."""
        for part in self.parts:
            path = self.var / f"dev-{part.name}.lock"
            with path.open("a+") as lock:
                if _locked(lock.fileno()):
                    continue
                lock.seek(0)
                group = int(lock.read().strip() or 0)
                if group > 1:
                    _end_group(group, signal.SIGTERM)
                if not _within(part.patience, lambda: _locked(lock.fileno())) and group > 1:
                    _end_group(group, signal.SIGKILL)
                    _within(2, lambda: _locked(lock.fileno()))

    def _start(self, part: Part) -> None:
        with (self.var / f"dev-{part.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            part.process = subprocess.Popen(
                part.command,
                env=os.environ | part.environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[lock.fileno()],
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
            )
            lock.write(f"{part.process.pid}\n")


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.05)
    return done()


def _end_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _die_with(parent: int) -> Callable[[], None] | None:
    """On Linux the kernel ends a part when its bin/dev is killed; elsewhere the next start does."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel

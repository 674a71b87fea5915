"""Who read what, noted beside the reading: a thread of its own writes it, and whoever reads a switch never waits for that.

What was read is a dictionary entry; the thread writes the entries together. What it can't write is lost: the next read says it again.
"""

import threading
import time
from collections.abc import Iterable
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError, connection

from accounts.queries import Caller, note_uses
from opsportal import clock
from switches.ofrep import Told

# A client that reads all day is written down this often, and at once when it is told something new.
NOTED_EVERY = 3.0
# Between two writings, so that many new readers are one statement.
PAUSE = 0.2

log = structlog.get_logger("switches.readers")

# GREATEST: another process may have served something newer meanwhile; a client has seen what any of its calls has seen.
_WRITE = """
    INSERT INTO switches_read (switch, client_id, client_label, read_at, version, value)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::boolean[])
    ON CONFLICT (switch, client_id) DO UPDATE SET client_label = excluded.client_label,
        read_at = GREATEST(switches_read.read_at, excluded.read_at), version = GREATEST(switches_read.version, excluded.version),
        value = CASE WHEN excluded.version >= switches_read.version THEN excluded.value ELSE switches_read.value END
"""


class Notebook:
    def __init__(self) -> None:
        self._noted: dict[tuple[int, str], tuple[float, object]] = {}
        self._reads: dict[tuple[str, int], tuple[str, object, int, bool]] = {}
        self._keys: set[UUID] = set()
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    def read_one(self, caller: Caller, name: str, told: Told) -> None:
        """The client has got this version of the switch, and this value."""
        now = time.monotonic()
        last = self._noted.get((caller.id, name))
        if last is None or last[1] != told or now - last[0] >= NOTED_EVERY:
            self._note(caller, name, now, told, [(name, told)])

    def read_all(self, caller: Caller, mark: str, told: dict[str, Told]) -> None:
        """The client has got, or still has, all of them; `mark` is the same while nothing changes."""
        now = time.monotonic()
        last = self._noted.get((caller.id, ""))
        if last is None or last[1] != mark or now - last[0] >= NOTED_EVERY:
            self._note(caller, "", now, mark, told.items())

    def _note(self, caller: Caller, place: str, now: float, mark: object, read: Iterable[tuple[str, Told]]) -> None:
        at = clock.now()
        with self._lock:
            self._noted[(caller.id, place)] = (now, mark)
            self._reads.update({(name, caller.id): (caller.name, at, *told) for name, told in read})
            self._keys.add(caller.key_id)
        self._wake.set()
        self._start()

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="switch-readers", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while self._wake.wait():
            self._wake.clear()
            try:
                self.write()
            except Exception:
                log.exception("who read the switches is not written down")
            finally:
                connection.close()
            time.sleep(PAUSE)

    def write(self) -> None:
        """Write down what was noted. Raises nothing for a database that is away: the notes are lost, and made again."""
        with self._lock:
            reads, self._reads = self._reads, {}
            keys, self._keys = self._keys, set()
        if not reads:
            return
        # In one order everywhere, so that two processes never wait for each other.
        rows = [(name, client, *rest) for (name, client), rest in sorted(reads.items(), key=lambda item: item[0])]
        try:
            with connection.cursor() as cursor:
                cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])
            note_uses(sorted(keys))
        except (DatabaseError, InterfaceError) as error:
            log.warning("who read the switches is not written down", error=str(error).splitlines()[0])

    def forget(self) -> None:
        with self._lock:
            self._noted, self._reads, self._keys = {}, {}, set()


notebook = Notebook()

"""What readers get: every switch and every key that may read them, as this process read them half a second ago at most.

One thread at a time reads anew, the others go on with what is there. Nobody waits for a database that does not answer: what was
known last is good for LAST_KNOWN seconds, after that everybody gets the safe values, which stop things.
"""

import threading
import time
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import translation

from accounts.queries import Caller, live_keys
from audit.actors import Actor
from opsportal import clock
from switches import actions, forced, queries, registry
from switches.ofrep import Answers, Value, answers

# The time between is for the reading, on a busy server too: the others go on with the old one meanwhile.
REFRESH_AFTER, OLDEST = 0.3, 0.5
# How long somebody waits for the one who reads, and how long after a failure nobody tries.
PATIENCE, RETRY_AFTER = 1.0, 0.5
LAST_KNOWN = 5.0
STATEMENT_LIMIT = "1s"

log = structlog.get_logger("switches")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`read_at` is monotonic, from before the reading. `keys` are callers by the hash of their key."""

    read_at: float
    values: dict[str, Value]
    keys: dict[str, Caller]
    answers: Answers


def read() -> Snapshot:
    """Everything from the database, now. Turns on what was off until now first, so that this happens without Celery too."""
    began = time.monotonic()
    values, keys, is_due = _read()
    if is_due:
        _turn_on_what_is_due()
        began = time.monotonic()
        values, keys, _is_due = _read()
    return Snapshot(began, values, keys, answers(values.values()))


def _read() -> tuple[dict[str, Value], dict[str, Caller], bool]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_LIMIT])
        switches = queries.all_switches()
        facts = {name: reading.read() for name, reading in registry.readings().items()}
        keys = {known.key_hash: known.caller for known in live_keys("flags")}
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
    now, off = clock.now(), forced.forced_off()
    states = [queries.state_of(switch, off) for switch in switches]
    values = {each.name: Value(each.name, each.is_on, each.version, _iso(each.since), each.forced_by_env) for each in states}
    values |= {name: Value(name, fact.value, fact.version, _iso(fact.since), fact.forced_by_env) for name, fact in facts.items()}
    return values, keys, any(each.off_until is not None and each.off_until <= now for each in states)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _turn_on_what_is_due() -> None:
    """Nobody's request does this: in a context of its own, the audit row has no address and no request's id."""

    def act() -> None:
        with translation.override("en"):
            actions.turn_on_due(actor=Actor.system("switches"))

    try:
        Context().run(act)
    except (DatabaseError, InterfaceError):
        log.exception("what is due could not be turned on")


def without_database(is_known_caller: bool) -> Answers:
    """For callers while the database is away: what was known last, for LAST_KNOWN seconds; then what stops things.

    A caller whose key can't be checked gets the latter at once: they tell nothing.
    """
    last = keeper.last
    if last and is_known_caller and time.monotonic() - last.read_at < LAST_KNOWN:
        return answers(last.values.values(), stale=True)
    return answers(safe(last), is_blind=last is None)


def safe(known: Snapshot | None) -> list[Value]:
    """What stops things, for every name that this process has heard of."""
    readings = registry.readings()
    names = [*registry.switches(), *readings, *(known.values if known else ())]
    return [Value(name, readings[name].safe if name in readings else False) for name in dict.fromkeys(names)]


class Keeper:
    """Holds the process's snapshot. `fresh()` is None when the database does not answer."""

    def __init__(self, reader: Callable[[], Snapshot] = read) -> None:
        self._read, self._lock = reader, threading.Lock()
        self.last: Snapshot | None = None
        self._began, self._failed = float("inf"), float("-inf")

    def fresh(self) -> Snapshot | None:
        """A snapshot of OLDEST seconds at most, or None: then `last` is the last one known, if any."""
        last = self.last
        age = time.monotonic() - last.read_at if last else float("inf")
        if age < REFRESH_AFTER:
            return last
        if self._lock.acquire(blocking=False):
            return self._refresh()
        if age < OLDEST:
            return last
        return self._wait()

    def forget(self) -> None:
        self.last, self._failed = None, float("-inf")

    def _wait(self) -> Snapshot | None:
        """For whoever is reading; not at all if that takes too long already."""
        if time.monotonic() - self._began > PATIENCE or not self._lock.acquire(timeout=PATIENCE):
            return None
        return self._refresh()

    def _refresh(self) -> Snapshot | None:
        """With the lock held; releases it."""
        try:
            now = time.monotonic()
            if self.last and now - self.last.read_at < REFRESH_AFTER:
                return self.last
            if now - self._failed < RETRY_AFTER:
                return None
            self._began = now
            self.last = self._read()
            return self.last
        except (DatabaseError, InterfaceError) as error:
            self._failed = time.monotonic()
            log.warning("the switches cannot be read", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
            return None
        finally:
            self._began = float("inf")
            self._lock.release()


keeper = Keeper()

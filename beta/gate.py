"""The Python side of the gate in migrations/0002_gate.py: its refusals as errors, and patience that is used up only once."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from beta.refusals import GateUnavailable, Refused

_BY_SQLSTATE = {"OPS01": "signups_stopped", "OPS02": "cap_reached", "OPS03": "invites_paused"}
# PostgreSQL, appendix A: serialization failure, deadlock, lock timeout, canceled, read-only (a standby), and the classes
# "connection", "insufficient resources" and "shutdown".
_NOT_NOW = ("25006", "40001", "40P01", "55P03", "57014", "57P", "08", "53", "OPS04")

# While somebody sits on the gate, the first claims wait for this long; those after them hardly at all, so that the threads
# stay free for pages and for STOP.
PATIENCE_MS, IMPATIENCE_MS, MEMORY_SECONDS = 1500, 100, 1.0
_blocked_until = 0.0


@contextmanager
def asked() -> Iterator[None]:
    """Around statements that pass the gate. Raises Refused with its figures, or GateUnavailable."""
    try:
        yield
    except InterfaceError as error:
        raise GateUnavailable from error
    except DatabaseError as error:
        state, diagnosis = _state(error)
        if state in _BY_SQLSTATE:
            raise Refused(_BY_SQLSTATE[state], **json.loads(diagnosis.message_detail or "{}")) from None
        if state == "55P03":
            _remember(blocked=True)
        if state is None or state.startswith(_NOT_NOW):
            raise GateUnavailable from error
        raise


def needs_words() -> bool:
    """Whether be_patient() has something to say, which takes a transaction."""
    # The pool's connections have PATIENCE_MS as their default (settings.py): one round trip less for each claim.
    return time.monotonic() < _blocked_until or not connection.settings_dict["OPTIONS"].get("pool")


def be_patient() -> None:
    """Say in this transaction how long it may wait for the gate."""
    if needs_words():
        patience = IMPATIENCE_MS if time.monotonic() < _blocked_until else PATIENCE_MS
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {patience}")


def was_passed() -> None:
    """Called by a claim that got through: whoever sat on the gate is gone."""
    if _blocked_until:
        _remember(blocked=False)


def _remember(*, blocked: bool) -> None:
    global _blocked_until
    _blocked_until = time.monotonic() + MEMORY_SECONDS if blocked else 0.0


def _state(error: DatabaseError) -> tuple[str | None, Any]:
    cause = error.__cause__
    return getattr(cause, "sqlstate", None), getattr(cause, "diag", None)

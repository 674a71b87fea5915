"""Where the sides disagree, as far as our own tables tell: found in one statement, opened, refreshed and closed in another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from billing.sweeping.statements import CHANGED, FIND_ALL, FIND_SOME, KEEP, KINDS, OPEN, PUT

# Checkouts of one statement when only what changed is looked at; and that are marked at most when everything is.
AT_ONCE = 10_000
MOST_MARKED = 200_000
# The hashes of a million checkouts, payments and grants; given back with the transaction.
ROOM = "SET LOCAL work_mem = '64MB'"


@dataclass(frozen=True, slots=True)
class Looked:
    """Findings that opened and closed. `marked`: checkouts that had changed and need no look any more."""

    opened: int = 0
    closed: int = 0
    marked: int = 0

    def __add__(self, other: "Looked") -> "Looked":
        return Looked(self.opened + other.opened, self.closed + other.closed, self.marked + other.marked)


@transaction.atomic
def look_at_everything() -> Looked:
    """Every checkout, payment, grant, event and callback. What changes meanwhile stays to be looked at."""
    return _look(FIND_ALL, everything=True, ids=[], most=MOST_MARKED)


@transaction.atomic
def look_at_changed(goes_on: Callable[[], bool] = lambda: True) -> Looked:
    """Checkouts that changed since they were looked at, those with an open finding, and what has no checkout.

    By AT_ONCE as long as `goes_on` says so; the others are left for the next time.
    """
    changed = _ids(CHANGED)
    looked = look_at(sorted({*changed, *_ids(OPEN)}))
    # Where somebody holds what changed, the same would be found again.
    while len(changed) == AT_ONCE and looked.marked and goes_on():
        changed = _ids(CHANGED)
        looked += look_at(changed)
    return looked


@transaction.atomic
def look_at(ids: list[int]) -> Looked:
    """These checkouts, by their numbers, and what has no checkout."""
    return _look(FIND_SOME, everything=False, ids=ids, most=2 * AT_ONCE)


def _look(find: str, **values: Any) -> Looked:
    with connection.cursor() as cursor:
        cursor.execute(ROOM)
        cursor.execute(f"{KEEP} {find}", values)
        cursor.execute("ANALYZE sweep_found")
        cursor.execute(PUT, {**values, "kinds": list(KINDS)})
        looked = Looked(*cursor.fetchone())
        cursor.execute("DROP TABLE sweep_found")
        return looked


def _ids(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"most": AT_ONCE})
        return [number for (number,) in cursor.fetchall()]

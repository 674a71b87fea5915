"""Where the sides disagree, as far as our own tables tell: found in one statement, opened, refreshed and closed in another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.sweeping.statements import CHANGED, FIND_ALL, FIND_SOME, KEEP, KINDS, OPEN, PUT

# Checkouts of one statement when only what changed is looked at; and that are marked at most when everything is.
AT_ONCE = 10_000
MOST_MARKED = 200_000
# The hashes of a million checkouts, payments and grants; given back with the transaction.
ROOM = "SET LOCAL work_mem = '64MB'"
# Of a few thousand checkouts each part is found by its index; the planner would rather read a whole table, and does not know that it is in memory.
_PLANNERS = ("jit", "enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_BY_INDEX = "; ".join(f"SET LOCAL {name} = off" for name in _PLANNERS)
_AS_USUAL = "; ".join(f"SET LOCAL {name} TO DEFAULT" for name in _PLANNERS)


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


def _look(find: str, *, everything: bool, ids: list[int], most: int) -> Looked:
    values: dict[str, Any] = {
        "everything": everything,
        "ids": ids,
        "most": most,
        "kinds": list(KINDS),
        "has_product": bool(settings.PRODUCT_BACKEND_URL),
    }
    with connection.cursor() as cursor:
        cursor.execute(ROOM if everything else _BY_INDEX)
        cursor.execute(f"{KEEP} {find}", values)
        cursor.execute(f"{_AS_USUAL}; ANALYZE sweep_found")
        cursor.execute(PUT, values)
        looked = Looked(*cursor.fetchone())
        cursor.execute("DROP TABLE sweep_found")
        return looked


def _ids(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"most": AT_ONCE})
        return [number for (number,) in cursor.fetchall()]

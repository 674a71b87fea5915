"""What a check of the chain says."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    ROW_ALTERED = "row_altered"
    ROW_MOVED = "row_moved"
    ROW_REMOVED = "row_removed"
    ROW_INSERTED = "row_inserted"
    ROWS_ALTERED = "rows_altered"
    SEAL_ALTERED = "seal_altered"
    SEAL_REMOVED = "seal_removed"
    SEAL_FORKED = "seal_forked"
    HEAD_DIFFERS = "head_differs"
    UNPROTECTED = "unprotected"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed. `ids` are audit rows, LISTED at most; `seal` is a number, 0 where none is meant."""

    kind: Kind
    words: str
    seal: int = 0
    ids: tuple[int, ...] = ()


# A table that was wiped must not become a list of everything that is gone.
LISTED = 1_000
KEPT = 200


@dataclass(slots=True)
class Report:
    """`first` to `last` are the seals that were checked; `complete` is false where time ran out before the end."""

    first: int
    last: int = 0
    head: str = ""
    seals: int = 0
    rows: int = 0
    heads: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    complete: bool = True
    found: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.found

    def add(self, kind: Kind, words: str, *, seal: int = 0, ids: Iterable[int] = ()) -> None:
        """Counts every finding, and keeps the first KEPT."""
        self.found += 1
        if len(self.findings) < KEPT:
            self.findings.append(Finding(kind, words, seal, tuple(ids)[:LISTED]))

    def as_json(self) -> dict[str, Any]:
        return {"clean": self.is_clean, **asdict(self)}


Progress = Callable[[Report], object]

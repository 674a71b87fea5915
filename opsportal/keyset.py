"""Keyset pages: any page of a list costs the same, whatever stands before it. No OFFSET, no COUNT(*).

A cursor names the last row seen by the list's own order (for example "2026-11-20T08:31:20.000001+00:00|18409").
Source of the method: https://use-the-index-luke.com/no-offset
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, QuerySet, Q

from opsportal.errors import Invalid

M = TypeVar("M", bound=Model)
SALT = "opsportal.keyset"


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows of one page, newest first; `older` and `newer` are cursors, empty where the list ends."""

    rows: Sequence[M]
    older: str
    newer: str


def page_of(queryset: QuerySet[M], cursor: str, *, fields: tuple[str, str], size: int = 50) -> Page[M]:
    """One page, descending by `fields` (a column and the unique key that breaks its ties).

    `cursor` is "" for the first page, else one that an earlier page gave. Raises Invalid for any other.
    """
    direction, key = _read(cursor) if cursor else ("older", None)
    rows = queryset
    if key is not None:
        rows = rows.filter(_beyond(fields, key, direction))
    first, second = fields
    order = (F(first).desc(), F(second).desc()) if direction == "older" else (F(first).asc(), F(second).asc())
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if direction == "newer":
        found.reverse()
    if not found:
        return Page([], "", "")
    has_older = more if direction == "older" else True
    has_newer = bool(cursor) if direction == "older" else more
    return Page(found, _cursor("older", found[-1], fields) if has_older else "", _cursor("newer", found[0], fields) if has_newer else "")


def _beyond(fields: tuple[str, str], key: list[Any], direction: str) -> Q:
    first, second = fields
    sign = "lt" if direction == "older" else "gt"
    # The first condition is implied by the second; it is there so that PostgreSQL starts inside the index.
    return Q(**{f"{first}__{sign}e": key[0]}) & (Q(**{f"{first}__{sign}": key[0]}) | Q(**{first: key[0], f"{second}__{sign}": key[1]}))


def _cursor(direction: str, row: Model, fields: tuple[str, str]) -> str:
    values = [getattr(row, name) for name in fields]
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) if not isinstance(value, int) else value for value in values]
    return signing.dumps([direction, plain], salt=SALT, compress=False)


def _read(cursor: str) -> tuple[str, list[Any]]:
    try:
        direction, key = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise Invalid("The page's address is not one of ours; start again at the first page.", field="cursor") from None
    return direction, key

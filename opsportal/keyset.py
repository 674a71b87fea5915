"""Keyset pages: any page of a list costs the same, whatever stands before it. No OFFSET, no COUNT(*).

A cursor names the last row seen by the list's own order (for example "2026-11-20T08:31:20.000001+00:00", 18409).
Source of the method: https://use-the-index-luke.com/no-offset
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import BadRequest
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext_lazy as _

from opsportal.errors import Invalid

M = TypeVar("M", bound=Model)
SALT = "opsportal.keyset"


class BadCursor(Invalid, BadRequest):
    """The cursor is not one that this list gave. A page that doesn't catch it answers 400."""

    status = 400


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows of one page, newest first unless `oldest_first`; `older` and `newer` are cursors, empty where the list ends."""

    rows: Sequence[M]
    older: str
    newer: str
    oldest_first: bool = False


def page_of(queryset: QuerySet[M], cursor: str, *, fields: tuple[str, str], size: int = 50, oldest_first: bool = False) -> Page[M]:
    """One page, descending by `fields` (a column and the unique key that breaks its ties; neither may be null), or ascending.

    `cursor` is "" for the first page, else one that an earlier page of the same list gave. Raises BadCursor for any other.
    Going back to the list's beginning gives the first page in full, also when rows have left or joined it since.
    """
    on, back = ("newer", "older") if oldest_first else ("older", "newer")
    direction, key = _read(queryset, fields, cursor) if cursor else (on, None)
    goes_on = direction == on
    rows = queryset if key is None else queryset.filter(_beyond(fields, key, direction))
    order = [F(name).desc() if direction == "older" else F(name).asc() for name in fields]
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if cursor and (not found or (not goes_on and not more)):
        return page_of(queryset, "", fields=fields, size=size, oldest_first=oldest_first)
    if not goes_on:
        found.reverse()
    cursors = {
        on: _cursor(queryset, fields, on, found[-1]) if found and (more or not goes_on) else "",
        back: _cursor(queryset, fields, back, found[0]) if found and cursor else "",
    }
    return Page(found, cursors["older"], cursors["newer"], oldest_first)


def _beyond(fields: tuple[str, str], key: list[Any], direction: str) -> Any:
    # A row comparison: PostgreSQL goes straight to the place in the index, also among thousands of equal first columns.
    lookup = TupleLessThan if direction == "older" else TupleGreaterThan
    return lookup(Tuple(*(F(name) for name in fields)), tuple(key))


def _salt(queryset: QuerySet[Any], fields: tuple[str, str]) -> str:
    # Another list's cursor is as wrong as a forged one.
    return ":".join((SALT, queryset.model._meta.label, *fields))


def _cursor(queryset: QuerySet[Any], fields: tuple[str, str], direction: str, row: Model) -> str:
    columns = {field.name: field for field in row._meta.concrete_fields}
    key = [columns[name].value_to_string(row) for name in fields]
    return signing.dumps([direction, key], salt=_salt(queryset, fields))


def _read(queryset: QuerySet[Any], fields: tuple[str, str], cursor: str) -> tuple[str, list[Any]]:
    try:
        direction, key = signing.loads(cursor, salt=_salt(queryset, fields))
    except (signing.BadSignature, ValueError):
        raise BadCursor(_("The page's address is not one of ours. Start again at the first page."), field="cursor") from None
    return direction, [queryset.model._meta.get_field(name).to_python(text) for name, text in zip(fields, key, strict=True)]

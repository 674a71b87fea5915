"""Sets of ids as ranges: how a seal says which rows it covers, to the id, however their transactions ended."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

Spans = tuple[tuple[int, int], ...]


def spans_of(ids: Iterable[int]) -> Spans:
    """(first, last) of each run of neighbors in ascending ids."""
    spans: list[tuple[int, int]] = []
    for one in ids:
        if spans and spans[-1][1] == one - 1:
            spans[-1] = (spans[-1][0], one)
        else:
            spans.append((one, one))
    return tuple(spans)


def ids_of(spans: Spans) -> Iterator[int]:
    """Every id, ascending."""
    for first, last in spans:
        yield from range(first, last + 1)


def size_of(spans: Spans) -> int:
    return sum(last - first + 1 for first, last in spans)


def in_words(ids: Iterable[int], most: int = 10) -> str:
    """“3, 7–9, 12”; after `most` runs an ellipsis."""
    spans = spans_of(ids)
    words = [str(first) if first == last else f"{first}–{last}" for first, last in spans[:most]]
    return ", ".join(words) + (", …" if len(spans) > most else "")


class IdRangesField(models.Field):
    """PostgreSQL's int8multirange, as Spans. https://www.postgresql.org/docs/18/rangetypes.html"""

    def db_type(self, connection: Any) -> str:
        return "int8multirange"

    def from_db_value(self, value: Any, expression: object, connection: object) -> Spans | None:
        # PostgreSQL writes discrete ranges as [first, last + 1). An open end is nothing that the portal ever wrote.
        return None if value is None else tuple((one.lower or 0, (one.upper or 0) - 1) for one in value)

    def get_prep_value(self, value: Spans | None) -> str | None:
        return None if value is None else "{" + ",".join(f"[{first},{last}]" for first, last in value) + "}"


@IdRangesField.register_lookup
class Covers(models.Lookup):
    """members__covers=id; the GiST index answers it."""

    lookup_name = "covers"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"{column} @> %s::bigint", (*values, int(self.rhs))

"""Who changed a thing since somebody looked at it: the second of two editors is told before anything is overwritten."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.queries import for_entity

LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Since:
    """What was recorded of a thing since a version of it: by whom and when last, and {field: [before, after]} over all of it.

    Empty names and no moment where nothing tells: an import changes many things in one row of the log.
    """

    by: str
    at: datetime | None
    changes: dict[str, list[Any]]


def changes_since(entity_type: str, entity_id: object, version: int) -> Since:
    rows = []
    for row in for_entity(entity_type, entity_id)[:LOOKED_AT]:
        if (row.changes.get("version") or [None, version + 1])[1] <= version:
            break
        rows.append(row)
    changes: dict[str, list[Any]] = {}
    for row in reversed(rows):
        for field, (before, after) in row.changes.items():
            if field != "version":
                changes[field] = [changes[field][0] if field in changes else before, after]
    names = ", ".join(dict.fromkeys(row.actor_label for row in rows))
    return Since(names, rows[0].created_at if rows else None, changes)

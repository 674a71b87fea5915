"""What people, API clients and the command line did of their own will, for a review. Routine acts are left out.

Of each kind of actor LOOKED_THROUGH rows are looked at, the newest: a busy day costs no more than a quiet one.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from audit import registry
from audit.queries import ACTING

LOOKED_THROUGH = 2_000
SHOWN = 20

_NEWEST = """
    (SELECT id, created_at, actor_kind, actor_label, action_type, entity_type, entity_id, entity_label FROM ops_audit_logs
     WHERE actor_kind = '{kind}' AND created_at >= %(since)s ORDER BY created_at DESC, id DESC LIMIT %(most)s)
"""
_ACTS = f"""
    WITH newest AS MATERIALIZED ({" UNION ALL ".join(_NEWEST.format(kind=kind.value) for kind in ACTING)}),
    acts AS MATERIALIZED (SELECT * FROM newest WHERE action_type <> ALL(%(routine)s))
    SELECT (SELECT bool_or(n = %(most)s) FROM (SELECT count(*) AS n FROM newest GROUP BY actor_kind) c),
        (SELECT jsonb_object_agg(actor_kind, n) FROM (SELECT actor_kind, count(*) AS n FROM acts GROUP BY actor_kind) k),
        (SELECT jsonb_object_agg(entity_type, n) FROM (SELECT entity_type, count(*) AS n FROM acts GROUP BY entity_type) t),
        (SELECT jsonb_agg(jsonb_build_object('id', id, 'at', created_at, 'who', actor_label, 'action_type', action_type, 'on',
             COALESCE(NULLIF(entity_label, ''), entity_id)) ORDER BY created_at DESC, id DESC)
         FROM (SELECT * FROM acts ORDER BY created_at DESC, id DESC LIMIT %(shown)s) s)
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Act:
    """One of the newest."""

    id: int
    at: datetime
    who: str
    action_type: str
    on: str


@dataclass(frozen=True, slots=True)
class Acts:
    """`by_kind` of actor and `by_entity` of thing: how many. `newest`: SHOWN at most. `is_capped`: there were more than were looked at."""

    is_capped: bool
    by_kind: dict[str, int]
    by_entity: dict[str, int]
    newest: tuple[Act, ...]

    @property
    def count(self) -> int:
        return sum(self.by_kind.values())


def acts_since(since: datetime) -> Acts:
    """One statement."""
    values: dict[str, Any] = {"since": since, "most": LOOKED_THROUGH, "shown": SHOWN, "routine": registry.routine_types()}
    with connection.cursor() as cursor:
        cursor.execute(_ACTS, values)
        is_capped, *found = cursor.fetchone()
    by_kind, by_entity, newest = (json.loads(one) if one else {} for one in found)
    return Acts(bool(is_capped), by_kind, by_entity, tuple(Act(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in newest))

"""The audit log of the sample: acts are done by their real actions while it is loaded, and told as of the moments of the story.

The database stamps audit rows with its own clock and refuses every change of them. The owner of the tables may lift that; here it is
done once, in the transaction that fills an empty development portal, and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, TextChoices

from audit.actions import record
from audit.actors import Actor
from audit.models import AuditLog
from sandbox.calendar import Calendar

_TELL = """
    CREATE TEMP TABLE sample_told AS
        SELECT l.*, coalesce(m.moment, %(now)s::timestamptz) AS moment
        FROM ops_audit_logs l LEFT JOIN unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) AS m (row, moment) ON m.row = l.id WHERE l.id > %(since)s;
    ALTER TABLE ops_audit_logs DISABLE TRIGGER USER;
    DELETE FROM ops_audit_logs WHERE id > %(since)s;
    INSERT INTO ops_audit_logs (id, created_at, transaction, {columns}) OVERRIDING SYSTEM VALUE
        SELECT i.id, t.moment, t.transaction, {columns_of_told}
        FROM (SELECT *, row_number() OVER (ORDER BY moment, id) AS place FROM sample_told) AS t
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM sample_told) AS i USING (place) ORDER BY i.id;
    DROP TABLE sample_told;
    ALTER TABLE ops_audit_logs ENABLE ALWAYS TRIGGER audit_rows_append_only;
    ALTER TABLE ops_audit_logs ENABLE ALWAYS TRIGGER audit_table_append_only;
    ALTER TABLE ops_audit_logs ENABLE ALWAYS TRIGGER audit_stamp;
"""
_COLUMNS = (
    "actor_kind",
    "actor_id",
    "actor_label",
    "action_type",
    "entity_type",
    "entity_id",
    "entity_label",
    "reason",
    "changes",
    "request_id",
    "ip",
)


class Diary:
    """Who did what when. `people`: the actors of the sample people, by their first names."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.people: dict[str, Actor] = {}
        self._moments: dict[int, datetime] = {}
        self._since = _highest()

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """What is recorded inside happened then."""
        before = _highest()
        yield
        for number in AuditLog.objects.filter(pk__gt=before).values_list("pk", flat=True):
            self._moments[number] = moment

    def on(self, day: int, clock: str) -> Any:
        return self.at(self.calendar.at(day, clock))

    def note(self, moment: datetime, actor: Actor, action_type: TextChoices, **said: Any) -> None:
        """An act of which the sample writes the rows itself."""
        self._moments[record(actor=actor, action_type=action_type, **said).pk] = moment

    def close(self) -> None:
        """Give every row its moment, and the ids in the order of those; what has none happened now."""
        values: dict[str, Any] = {"now": self.calendar.now, "since": self._since, "ids": list(self._moments), "moments": list(self._moments.values())}
        columns = ", ".join(_COLUMNS)
        with connection.cursor() as cursor:
            for statement in _TELL.format(columns=columns, columns_of_told=", ".join(f"t.{name}" for name in _COLUMNS)).split(";\n"):
                if statement.strip():
                    cursor.execute(statement, values if "%(" in statement else None)


def _highest() -> int:
    return AuditLog.objects.aggregate(highest=Max("pk"))["highest"] or 0

"""A chain of seals to look at and to tamper with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from audit.actions import record, seal_rows
from audit.actors import Actor
from audit.models import AuditSeal
from beta.action_types import BetaAction

SEALER = Actor.system("audit seal")
FORGED = (
    "INSERT INTO ops_audit_logs (id, created_at, transaction, actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label, reason, request_id)"
    " OVERRIDING SYSTEM VALUE VALUES ({}, '2026-01-01', 77, 'cli', '', '', 'X', '', '', '', '', '')"
)


def write(count: int = 1, **fields: Any) -> list[int]:
    values: dict[str, Any] = {"actor": Actor.system("tests"), "action_type": BetaAction.CHANGE_CAP} | fields
    with transaction.atomic():
        return [record(**values).pk for _ in range(count)]


def sealed(count: int) -> tuple[list[int], AuditSeal]:
    """Rows of one more seal, and the seal."""
    ids = write(count)
    return ids, AuditSeal.objects.get(number=seal_rows(actor=SEALER).numbers[0])


@contextmanager
def lifted() -> Iterator[Any]:
    """What the owner of the tables can do: change them with the triggers off, and put these back."""
    tables = ("ops_audit_logs", "ops_audit_seals")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A' AND tgrelid::regclass::text = ANY(%s)", [list(tables)]
        )
        triggers = cursor.fetchall()
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table, trigger in triggers:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")

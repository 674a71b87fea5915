"""Many rows at once into tables that refuse changes, count seats, or have twenty indexes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

# What happens on a desk in a day: so many checkouts, runs, messages, audit rows.
A_DAY = 1_000

_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisunique AND NOT indisexclusion
"""
_TRIGGERS = "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"


@contextmanager
def set_aside(sql: psycopg.Connection[Any], *tables: str) -> Iterator[None]:
    """Without the tables' triggers (they would stamp, count and refuse each row), foreign keys and indexes; these are built afterwards."""
    indexes = [index for table in tables for index in sql.execute(_INDEXES, [table]).fetchall()]
    triggers = [(table, *trigger) for table in tables for trigger in sql.execute(_TRIGGERS, [table]).fetchall()]
    sql.execute("SET session_replication_role = replica")
    for table in tables:
        sql.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for name, _definition in indexes:
        sql.execute(f"DROP INDEX {name}")
    yield
    sql.execute("SET maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        sql.execute(definition)
    for table, name, enabled in triggers:
        sql.execute(f"ALTER TABLE {table} ENABLE {'ALWAYS' if enabled == 'A' else ''} TRIGGER {name}")
    sql.execute("RESET session_replication_role")
    sql.execute(f"VACUUM ANALYZE {', '.join(tables)}")


def run(sql: psycopg.Connection[Any], statements: tuple[str, ...], values: Mapping[str, Any]) -> None:
    for statement in statements:
        sql.execute(statement, {"a_day": A_DAY, **values})  # type: ignore[call-overload]

"""Statements prepared on the server. For the few that stand in every signup and every batch: planning them costs more than running them."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def fetch_one(sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row, or None. Without an open transaction the statement is one of its own. Raises Django's database errors."""
    row: tuple[Any, ...] | None = _executed(sql, values).fetchone()
    return row


def _executed(sql: str, values: Mapping[str, Any]) -> Any:
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    database.ensure_connection()
    raw: psycopg.Connection[Any] = database.connection
    cursor: Any = psycopg.Cursor(raw)
    # Django's wrapper takes as long as a short statement; it is for those who listen.
    if database.queries_logged or database.execute_wrappers:
        cursor = (database.make_debug_cursor if database.queries_logged else database.make_cursor)(cursor)
    with database.wrap_database_errors:
        database.validate_no_broken_transaction()
        # Django turns preparing off for its own statements, which carry their values in the text.
        raw.prepare_threshold = 0
        try:
            cursor.execute(sql, values)
        finally:
            raw.prepare_threshold = None
    return cursor

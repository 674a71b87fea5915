"""Statements prepared on the server. For the few that stand in every signup: planning them costs more than running them."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def fetch_one(sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row, or None. Without an open transaction the statement is one of its own. Raises Django's database errors."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bare: Any = psycopg.Cursor(raw)
    with wrap(bare) as cursor:
        # Django turns preparing off for its own statements, which carry their values in the text.
        raw.prepare_threshold = 0
        try:
            cursor.execute(sql, values)
        finally:
            raw.prepare_threshold = None
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row

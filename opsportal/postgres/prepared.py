"""Statements prepared on the server, for the few that stand in every signup and every batch: planning them costs more than running
them. And several in one round trip, where nobody has to see the first one's answer to send the next."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg
from django.db import connection


def fetch_one(sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row, or None. Without an open transaction the statement is one of its own. Raises Django's database errors."""
    return _execute(sql, values, nullcontext())


def fetch_one_first(sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The same as the first statement of a transaction, whose BEGIN goes with it."""
    return _execute(sql, values, one_round_trip())


def execute(sql: str, values: Mapping[str, Any]) -> None:
    """Without looking at an answer, so that within one_round_trip() nothing waits for it."""
    _execute(sql, values, nullcontext(), looks=False)


@contextmanager
def one_round_trip() -> Iterator[None]:
    """What is executed within is sent together, a COMMIT too; that one is waited for. Raises Django's database errors.

    PostgreSQL, “Pipeline Mode”: https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    with connection.wrap_database_errors, raw.pipeline() if psycopg.Pipeline.is_supported() else nullcontext():
        yield


def _execute(sql: str, values: Mapping[str, Any], trip: AbstractContextManager[Any], *, looks: bool = True) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bare: Any = psycopg.Cursor(raw)
    with wrap(bare) as cursor:
        # Django turns preparing off for its own statements, which carry their values in the text.
        raw.prepare_threshold = 0
        try:
            with trip:
                cursor.execute(sql, values)
        finally:
            raw.prepare_threshold = None
        return cursor.fetchone() if looks else None

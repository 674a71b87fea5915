"""STOP wins: whoever sits on the gate when it is clicked is ended after a second, and seats nobody."""

import threading
from typing import Any

import psycopg
import structlog
from django.db import connection

SECONDS = 1.0
POLL_SECONDS = 0.03

# Of the statement only its first words: the values of somebody else's customers have no business in the audit log.
# The backends at the root of the queue we stand in: those that hold and wait for nobody. The claims that merely wait
# before us are let go by them and are ordered before the STOP, or give up.
_ROOTS = r"""
    WITH RECURSIVE chain(pid) AS (
        SELECT unnest(pg_blocking_pids(%(pid)s)) UNION SELECT unnest(pg_blocking_pids(chain.pid)) FROM chain
    )
    SELECT a.pid, a.usename, a.application_name, coalesce(host(a.client_addr), 'local'), a.state,
           round(extract(epoch FROM clock_timestamp() - a.xact_start)::numeric, 1)::float8, array_to_string((regexp_split_to_array(ltrim(a.query), '\s+'))[1:3], ' '), a.xact_start
    FROM pg_stat_activity a JOIN chain USING (pid)
    WHERE cardinality(pg_blocking_pids(a.pid)) = 0 AND a.pid <> %(pid)s
"""
# Whoever has committed meanwhile is on to something else and is left alone.
_END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND xact_start IS NOT DISTINCT FROM %s"
_FIELDS = ("pid", "user", "application", "address", "state", "transaction_seconds", "last_statement")

Blockers = list[dict[str, Any]]

log = structlog.get_logger("beta.stop")


class Watch:
    """While its block waits for a lock longer than a second, ends the backends that hold it.

    `out_of_reach` names those that hold it and that the portal's database user may not end.
    """

    def __enter__(self) -> "Watch":
        connection.ensure_connection()
        self._found: list[dict[str, Any]] = []
        self.out_of_reach: list[dict[str, Any]] = []
        self._got_it = threading.Event()
        pid = connection.connection.info.backend_pid
        self._thread = threading.Thread(target=_watch, args=(pid, _parameters(), self._got_it, self._found, self.out_of_reach), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended()

    def ended(self) -> list[dict[str, Any]]:
        """Called when the lock is had: stops watching and says who was ended.

        For each: pid, user, application, address, state, transaction_seconds, last_statement.
        """
        self._got_it.set()
        self._thread.join()
        return self._found


def _parameters() -> dict[str, Any]:
    """libpq's parameters for a connection of our own: the pool's may all be waiting at the gate."""
    known = {"dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}
    return {key: value for key, value in connection.get_connection_params().items() if key in known}


def _watch(pid: int, parameters: dict[str, Any], got_it: threading.Event, found: Blockers, out_of_reach: Blockers) -> None:
    if got_it.wait(SECONDS):
        return
    while not got_it.wait(POLL_SECONDS):
        # Every connection may be in use, most of them by those who wait for the same lock: then again, until there is one.
        try:
            with psycopg.connect(**parameters, autocommit=True, application_name="opsportal STOP") as sql:
                while not got_it.wait(POLL_SECONDS):
                    out_of_reach[:] = _end_roots(sql, pid, found)
        except psycopg.Error as error:
            log.error("could not end the backends that hold the gate", error=str(error))


def _end_roots(sql: psycopg.Connection[Any], pid: int, found: Blockers) -> Blockers:
    """Adds to `found` those it ended; returns those it may not end."""
    kept: Blockers = []
    for *facts, xact_start in sql.execute(_ROOTS, {"pid": pid}).fetchall():
        blocker = dict(zip(_FIELDS, facts, strict=True))
        try:
            done = sql.execute(_END, [blocker["pid"], xact_start]).fetchone()
        except psycopg.errors.InsufficientPrivilege as error:
            # One whom the portal's database user may not end must not save the others.
            log.error("may not end a backend that holds the gate", error=str(error), **blocker)
            kept.append(blocker)
            continue
        if done and done[0] and blocker["pid"] not in {known["pid"] for known in found}:
            found.append(blocker)
            log.warning("ended a backend that held the gate", **blocker)
    return kept

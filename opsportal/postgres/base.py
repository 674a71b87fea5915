"""Django's PostgreSQL backend, failing fast while the server is away.

A pool lets every request wait for its whole timeout. With 16 threads and 200 clients the last one would wait for
minutes, and STOP with it. After one timeout the others fail at once, and once a second one of them tries again.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError
from psycopg_pool import PoolClosed, PoolTimeout

RETRY_SECONDS = 1.0


class Away:
    """Whether the server is away, for all threads of the process. While it is, one of them tries once a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_try: float | None = None
        self._somebody_tries = False

    def __bool__(self) -> bool:
        return self._next_try is not None

    def begin(self) -> None:
        with self._lock:
            self._next_try = time.monotonic() + RETRY_SECONDS

    def my_turn(self) -> bool:
        """Whether the caller is the one to try now; then it must do so within trying()."""
        with self._lock:
            if self._somebody_tries or time.monotonic() < (self._next_try or 0):
                return False
            self._somebody_tries = True
            return True

    @contextmanager
    def trying(self) -> Iterator[None]:
        there = False
        try:
            yield
            there = True
        finally:
            with self._lock:
                self._somebody_tries = False
                self._next_try = None if there else time.monotonic() + RETRY_SECONDS


_away = Away()


class DatabaseWrapper(base.DatabaseWrapper):
    """For one database server: all connections of the process share what is known about it."""

    _connection_pools: dict[str, Any]  # Django's, one for each alias

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises OperationalError: at once while the server is known to be away, after the pool's timeout otherwise."""
        if not _away:
            return self._connection(conn_params)
        if not _away.my_turn():
            raise OperationalError("the database did not answer a moment ago")
        with _away.trying():
            # Beside the pool: after an outage the pool's own attempts come ever later; a new pool's come at once.
            self.Database.connect(**conn_params).close()
            self._drop_pool()
            return super().get_new_connection(conn_params)

    def _connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except PoolClosed:
            # It waited at the pool of before the outage: that says nothing about now.
            raise
        except PoolTimeout:
            if self._pool_fails_to_connect():
                _away.begin()
            raise
        except self.Database.OperationalError:
            _away.begin()
            raise

    def _pool_fails_to_connect(self) -> bool:
        """A timeout alone may mean that every connection is in use, on a server that is well."""
        return bool(self.pool.pop_stats().get("connections_errors"))

    def _drop_pool(self) -> None:
        pool = self._connection_pools.pop(self.alias, None)
        if pool:
            pool.close(timeout=0)

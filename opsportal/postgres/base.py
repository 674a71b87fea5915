"""Django's PostgreSQL backend, failing fast while the server is away.

A pool lets every request wait for its whole timeout. With 16 threads and 200 clients the last one would wait for
minutes, and STOP with it. After one timeout the others fail at once, and once a second one of them tries again.
"""

import threading
import time
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import OperationalError
from psycopg_pool import PoolTimeout

RETRY_SECONDS = 1.0

_lock = threading.Lock()
_away_until = 0.0


def _may_try() -> bool:
    """Whether this thread may ask the pool: always while the server is there, else one thread a second."""
    global _away_until
    if not _away_until:
        return True
    with _lock:
        if time.monotonic() < _away_until:
            return False
        _away_until = time.monotonic() + RETRY_SECONDS + 2
        return True


def _mark(seconds: float) -> None:
    global _away_until
    _away_until = time.monotonic() + seconds if seconds else 0.0


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not _may_try():
            raise OperationalError("the database did not answer a moment ago")
        try:
            connection = super().get_new_connection(conn_params)
        except (PoolTimeout, base.Database.OperationalError):
            _mark(RETRY_SECONDS)
            raise
        if _away_until:
            _mark(0)
        return connection

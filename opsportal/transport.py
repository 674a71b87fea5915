"""Celery's way to Redis, mended. opsportal/celery.py names it for every address of Redis."""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as ConnectionLost


class Channel(redis.Channel):
    """Says of a lost connection that it is lost.

    When the broker goes away while a task runs, kombu 5.7 takes the connection apart and later hands back or acknowledges the
    task's message through it: an AttributeError, which ends the worker. A connection error is logged, and the worker
    connects anew. The message is no loss: what is owed stands in PostgreSQL.
    """

    def _connparams(self, *args: Any, **options: Any) -> Any:
        if self.connection is None or self.connection.client is None:
            raise ConnectionLost("The connection to the broker was lost before.")
        return super()._connparams(*args, **options)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    Channel = Channel

"""Handing work to Celery. The message only says “look now”: what is owed stands in PostgreSQL, and a sweep finds it again."""

import logging
from typing import Any

from celery import Task, current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)

# Celery's own defaults wait 6 s for a broker that refuses, and longer for one that is silent.
_QUICKLY = {
    "socket_connect_timeout": 0.5, "socket_timeout": 1.0, "max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0,
}  # fmt: skip


def send(task: Task, *values: Any, **options: Any) -> bool:
    """Send the task now. Returns False when the broker is away, after 2 s at most; the caller's work stands all the same."""
    try:
        with current_app.connection_for_write(transport_options={**current_app.conf.broker_transport_options, **_QUICKLY}) as connection:
            task.apply_async(values, connection=connection, **options)
    except (OperationalError, OSError) as error:
        log.warning("the broker is away, so %s%r waits for a sweep: %s", task.name, values, error)
        return False
    return True

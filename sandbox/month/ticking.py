"""The month's clock: it jumps from one happening to the next, and two questions never get the same answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from opsportal import clock

TICK = timedelta(milliseconds=1)


class Ticker:
    def __init__(self, start: datetime) -> None:
        self._now, self._lock = start, threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._now += TICK
            return self._now

    def go_to(self, moment: datetime) -> None:
        """Only forward."""
        with self._lock:
            self._now = max(self._now, moment)


@contextmanager
def everybodys(ticker: Ticker) -> Iterator[None]:
    """The portal in this process asks this clock, too. The database has its own: it stays behind, where the month began."""
    with mock.patch.object(clock, "now", ticker):
        yield

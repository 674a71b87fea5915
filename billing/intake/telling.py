"""Telling a worker of new events, after their answers.

Handing a message to Celery costs as much as keeping the event: it connects, encodes, and may wait for a broker that is silent. So no
answer waits for it: a thread of each process gathers what came within a moment and sends one message for many. It is only a hint.
A process that is killed before it has sent, or a broker that is away, delays events until the sweep, which looks every minute at what
nobody has begun; the event itself stands in the database before it is answered.

The message carries how long each answer took, which the worker writes down with the effect: that costs intake no second statement.
"""

import atexit
import threading
import time
from collections import deque
from collections.abc import Iterable

from opsportal import broker

GATHER_SECONDS = 0.1
# More than these, and the oldest are left to the sweep.
MOST_WAITING = 10_000
MOST_IN_A_MESSAGE = 50
# After a refusal the broker is left alone for so long.
LEFT_ALONE_SECONDS = 15.0

# Off where nothing may go on beside: the tests, within a process.
is_on = True

_waiting: deque[tuple[int, int]] = deque(maxlen=MOST_WAITING)
_something_waits = threading.Event()
_starting = threading.Lock()
_thread: threading.Thread | None = None
_away_until = 0.0


def tell_later(event_pk: int, answer_ms: int) -> None:
    """Have a worker told soon. Waits for nothing and never fails."""
    if not is_on:
        return
    _waiting.append((event_pk, answer_ms))
    if _thread is None:
        _start()
    _something_waits.set()


def tell(event_pks: Iterable[int]) -> bool:
    """Tell workers now, of each in the order given. Returns False where the broker is away: then the sweep does it."""
    return _send([(event_pk, None) for event_pk in event_pks])


def _start() -> None:
    global _thread
    with _starting:
        if _thread is None:
            _thread = threading.Thread(target=_gather, name="webhook-events", daemon=True)
            _thread.start()
            atexit.register(_send_what_waits)


def _gather() -> None:
    while True:
        _something_waits.wait()
        time.sleep(GATHER_SECONDS)
        _something_waits.clear()
        _send_what_waits()


def _send_what_waits() -> None:
    found: list[tuple[int, int | None]] = []
    while _waiting:
        found.append(_waiting.popleft())
    _send(found)


def _send(found: list[tuple[int, int | None]]) -> bool:
    from billing.tasks import process_events

    global _away_until
    for begin in range(0, len(found), MOST_IN_A_MESSAGE):
        part = found[begin : begin + MOST_IN_A_MESSAGE]
        if time.monotonic() < _away_until:
            return False
        if not broker.send(process_events, [event_pk for event_pk, _ms in part], [ms for _pk, ms in part]):
            _away_until = time.monotonic() + LEFT_ALONE_SECONDS
            return False
    return True

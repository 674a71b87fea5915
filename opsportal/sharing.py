"""What several lines of one reading need is worked out once, however many threads ask for it."""

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

# Seconds. A line that waits for what another works out gives up after so long, and is unknown.
LONGEST_WAIT = 10.0
T = TypeVar("T")


class Round:
    """One reading: all lines that were asked for together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[Hashable, Future[Any]] = {}

    def claim(self, key: Hashable) -> tuple[Future[Any], bool]:
        """What is, or will be, known under the key; and whether it is the caller's to work it out."""
        with self._lock:
            mine = key not in self._found
            return self._found.setdefault(key, Future()), mine


_round: ContextVar[Round | None] = ContextVar("round", default=None)


@contextmanager
def within(round_: Round) -> Iterator[None]:
    """What is read in here belongs to this reading."""
    token = _round.set(round_)
    try:
        yield
    finally:
        _round.reset(token)


def shared(key: Hashable, function: Callable[[], T]) -> T:
    """What `function` returns, asked once in a reading; what it raises, every line that shares it raises too.

    It must return plain values: another thread, with another connection, goes on with them. Outside a reading it is simply
    called. Raises TimeoutError where another line takes more than 10 s over it.
    """
    current = _round.get()
    if current is None:
        return function()
    future, mine = current.claim(key)
    if mine:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)
    return cast(T, future.result(timeout=LONGEST_WAIT))

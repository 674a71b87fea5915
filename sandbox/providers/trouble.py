"""A provider's bad days: answers that are errors, late or broken, for the next calls or for a share of all."""

import random
import threading
from collections import deque

KINDS = ("500", "502", "429", "timeout", "broken", "refused")


class Trouble:
    """`timeout`: seconds without an answer, then the connection closes. `refused`: 401, as for a key that was revoked."""

    def __init__(self, *, seed: int = 1, timeout: float = 30.0) -> None:
        self.timeout = timeout
        self.share = 0.0
        self._random = random.Random(seed)  # noqa: S311
        self._next: deque[str] = deque()
        self._lock = threading.Lock()

    def next(self, kind: str, calls: int = 1) -> None:
        """Raises ValueError for a kind there is not."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is none of {', '.join(KINDS)}.")
        with self._lock:
            self._next.extend([kind] * calls)

    def over(self) -> None:
        with self._lock:
            self._next.clear()
            self.share = 0.0

    def take(self) -> str:
        """What this call gets; empty for a true answer."""
        with self._lock:
            if self._next:
                return self._next.popleft()
            return self._random.choice(("500", "502", "429", "broken")) if self._random.random() < self.share else ""

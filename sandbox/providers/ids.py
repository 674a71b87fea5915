"""Ids as the providers make them, the same ones for the same seed."""

import random
import string
import threading

LETTERS = string.ascii_letters + string.digits


class Ids:
    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self._lock = threading.Lock()

    def text(self, prefix: str, length: int = 24) -> str:
        with self._lock:
            return prefix + "".join(self._random.choices(LETTERS, k=length))

    def number(self, digits: int = 11) -> int:
        with self._lock:
            return self._random.randrange(10 ** (digits - 1), 10**digits)

    def uuid(self) -> str:
        with self._lock:
            digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

"""A provider that lets a worker wait is left alone for a while by that worker: or its events would keep every worker from all other work.

Each process finds out for itself. What is passed over stays due: the sweep tells of it again.
"""

import time

# What costs the time of a call, unlike an answer that says no.
WAITED = frozenset({"timeout", "unreachable"})
SECONDS = 30.0

_until: dict[str, float] = {}


def note(provider: str, code: str) -> None:
    """That asking it failed with that CouldNotAsk's code."""
    if code in WAITED:
        _until[provider] = time.monotonic() + SECONDS


def is_paused(provider: str) -> bool:
    return _until.get(provider, 0.0) > time.monotonic()

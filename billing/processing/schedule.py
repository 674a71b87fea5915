"""When an event is tried again, and when it is given up to a person."""

import random
from datetime import timedelta

# After the first failure, the second … With the jitter below nobody comes back together with all the others.
WAITS = (
    timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24),
)  # fmt: skip
JITTER = 0.2
MOST_TRIES = len(WAITS) + 1
# What the provider does not know yet, it may know in a moment; a mistake of ours may meet another moment's facts. Neither for a day.
TRIES_WHEN_NOT_FOUND = 4
TRIES_WHEN_BROKEN_HERE = 4


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries (1 or more), with up to a fifth more or less."""
    return WAITS[min(max(tries, 1), len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311


def tries_for(code: str, *, again: bool) -> int:
    """How many tries a failure of this kind is worth, before a person looks at it."""
    if code == "not_found":
        return TRIES_WHEN_NOT_FOUND
    if code == BROKEN_HERE:
        return TRIES_WHEN_BROKEN_HERE
    return MOST_TRIES if again else 1


# The error's code for a mistake of ours, beside those of billing.report.CouldNotAsk.
BROKEN_HERE = "mistake"
LOST = "lost"

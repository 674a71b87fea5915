"""When a message that failed is tried again.

Exponential backoff with full jitter: a receiver that comes back is not met by everybody at once.
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

import random
from datetime import timedelta

# Twelve tries, spread over about 4 hours on average and 8 at most.
MOST_ATTEMPTS = 12
FIRST_SECONDS = 15.0
LONGEST_SECONDS = 6 * 3600.0
LEAST_SECONDS = 1.0
# A receiver may ask for more patience than ours, but not for a day.
LONGEST_RETRY_AFTER = 12 * 3600.0


def delay(failures: int, *, retry_after: float | None = None) -> timedelta:
    """How long to wait after so many failures in a row (1 or more). What the receiver asked for, in seconds, is the least."""
    ceiling = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(failures - 1, 30))
    seconds = max(LEAST_SECONDS, random.uniform(0, ceiling))  # noqa: S311
    asked = min(retry_after or 0.0, LONGEST_RETRY_AFTER)
    return timedelta(seconds=max(seconds, asked))

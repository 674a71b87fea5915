"""Events that their provider does not sign can be sent by anybody, and events are kept for good: so only so many are taken.

What is refused here is sent again by a provider that meant it, and the list of the provider's own changes has it too.
"""

import threading
import time

# In each process: so many at once, and then so many a minute.
AT_ONCE, A_MINUTE = 60, 10
# The true ones have a few hundred bytes.
MOST_BYTES = 4096

_lock = threading.Lock()
_left, _as_of = float(AT_ONCE), time.monotonic()


def may_be_taken(length: int) -> bool:
    """Whether one more of so many bytes is taken now. Counts it if so."""
    global _left, _as_of
    if length > MOST_BYTES:
        return False
    with _lock:
        now = time.monotonic()
        _left, _as_of = min(AT_ONCE, _left + (now - _as_of) * A_MINUTE / 60), now
        if _left < 1:
            return False
        _left -= 1
        return True

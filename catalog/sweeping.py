"""What the sweep does about the catalog."""

from audit.actors import Actor
from catalog.actions.override import MOST_AT_ONCE, expire_overrides
from catalog.tasks import requeue_imports
from jobs.deadline import Deadline
from jobs.sweeps import register_sweep

SYSTEM = Actor.system("sweep")


def register() -> None:
    register_sweep("expired overrides", expire)
    register_sweep("imports", lambda deadline: requeue_imports())


def expire(deadline: Deadline) -> int:
    """All of them, a batch at a time, as long as there is time. Returns how many were written down."""
    found = 0
    while not deadline.passed:
        ended = len(expire_overrides(actor=SYSTEM))
        found += ended
        if ended < MOST_AT_ONCE:
            break
    return found

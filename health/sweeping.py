"""What the sweep does about pings."""

from audit.actors import Actor
from health.actions import purge_ping_events, record_late_pings
from health.actions.late import MOST_AT_ONCE
from jobs.deadline import Deadline
from jobs.sweeps import register_sweep

SYSTEM = Actor.system("sweep")


def register() -> None:
    register_sweep("old calls of pings", lambda deadline: purge_ping_events(actor=SYSTEM))
    register_sweep("unheard pings", record_late)


def record_late(deadline: Deadline) -> int:
    """All of them, a hundred at a time, as long as there is time. Returns how many went down."""
    found = 0
    while not deadline.passed:
        late = len(record_late_pings(actor=SYSTEM))
        found += late
        if late < MOST_AT_ONCE:
            break
    return found

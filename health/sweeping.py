"""What the sweep does about pings and probes."""

from audit.actors import Actor
from health.actions import purge_ping_events, record_late_pings
from health.actions.late import MOST_AT_ONCE
from health.probing.keeping import purge_results, roll_up
from jobs.deadline import Deadline
from jobs.sweeps import register_sweep

SYSTEM = Actor.system("sweep")


def register() -> None:
    register_sweep("old calls of pings", lambda deadline: purge_ping_events(actor=SYSTEM))
    # In this order: what is removed has been rolled up.
    register_sweep("hours of probes", lambda deadline: roll_up())
    register_sweep("old results of probes", lambda deadline: purge_results())
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

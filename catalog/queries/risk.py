"""Whether risk is calculated at all, and since when it is not."""

from dataclasses import dataclass
from datetime import datetime

from switches.queries import states

SWITCH = "ENABLE_ANTI_CILADA"


@dataclass(frozen=True, slots=True)
class Frozen:
    """Scores and buckets are as they were at `since` (None: by this server's environment, or nobody knows). `by` and `reason` are the switch's."""

    since: datetime | None
    by: str = ""
    reason: str = ""
    forced_by_env: bool = False


def frozen() -> Frozen | None:
    """None while risk is calculated. A switch that is not there is off: nobody could turn it off. One query."""
    state = states([SWITCH]).get(SWITCH)
    if state is None:
        return Frozen(None)
    if state.is_on:
        return None
    if state.is_on_here:
        return Frozen(None, forced_by_env=True)
    return Frozen(state.since, state.by, state.reason, state.forced_by_env)


def is_frozen() -> bool:
    """ENABLE_ANTI_CILADA is off, here or by this server's environment: scores and buckets stay as they were."""
    return frozen() is not None

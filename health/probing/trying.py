from collections.abc import Sequence

from django.db import connection

from health.models import Probe
from health.probing.checking import checked_steps
from health.probing.expecting import Step
from health.probing.looking import Outcome, Plan, look
from health.probing.planning import with_kept


def try_now(steps: Sequence[Step], time_limit: int, probe: Probe | None = None) -> Outcome:
    """Look once at what is being typed, as a saved probe would; nothing is written. Raises Invalid for what could not be saved."""
    plan = Plan(tuple(checked_steps(with_kept(steps, probe) if probe else steps)), time_limit)
    if not connection.in_atomic_block:
        # Back into the pool: a server that hangs must not keep a connection to the database.
        connection.close()
    return look(plan)

from beta.queries.household import active_households, find_households, newest_households, seated_since
from beta.queries.invite import invite_counts, newest_invites
from beta.queries.program import Day, GateState, day_of, gate_state, get_program, locked_program, seats_per_day, signups
from beta.queries.refusal import refusals_by_reason

__all__ = [
    "Day",
    "GateState",
    "active_households",
    "day_of",
    "find_households",
    "gate_state",
    "get_program",
    "invite_counts",
    "locked_program",
    "newest_households",
    "newest_invites",
    "refusals_by_reason",
    "seated_since",
    "seats_per_day",
    "signups",
]

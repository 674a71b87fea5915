from health.queries.ping import PingCheck, durations_of, find_pings, ping_checks, pings_down, recent_calls, row_of
from health.queries.probe import down, probe_summary
from health.queries.readiness import Readiness, readiness, status

__all__ = [
    "PingCheck",
    "Readiness",
    "down",
    "durations_of",
    "find_pings",
    "ping_checks",
    "pings_down",
    "probe_summary",
    "readiness",
    "recent_calls",
    "row_of",
    "status",
]

from health.queries.ping import PingCheck, durations_of, find_pings, ping_checks, pings_down, recent_calls, row_of
from health.queries.readiness import Readiness, readiness, status

__all__ = ["PingCheck", "Readiness", "durations_of", "find_pings", "ping_checks", "pings_down", "readiness", "recent_calls", "row_of", "status"]

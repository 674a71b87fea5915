"""Every write about pings."""

from health.actions.key import NewPingKey, create_ping_key, revoke_ping_key
from health.actions.late import record_late_pings
from health.actions.ping import change_ping, create_ping, delete_ping, pause_ping, resume_ping
from health.actions.purge import purge_ping_events
from health.actions.receive import receive_ping

__all__ = [
    "NewPingKey", "change_ping", "create_ping", "create_ping_key", "delete_ping", "pause_ping", "purge_ping_events", "receive_ping",
    "record_late_pings", "resume_ping", "revoke_ping_key",
]  # fmt: skip

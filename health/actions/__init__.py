"""Every write about pings and probes."""

from health.actions.key import NewPingKey, create_ping_key, revoke_ping_key
from health.actions.late import record_late_pings
from health.actions.ping import change_ping, create_ping, delete_ping, pause_ping, resume_ping
from health.actions.probe import change_probe, create_probe, delete_probe, pause_probe, resume_probe
from health.actions.probe_run import run_probe
from health.actions.purge import purge_ping_events
from health.actions.receive import receive_ping

__all__ = [
    "NewPingKey", "change_ping", "change_probe", "create_ping", "create_ping_key", "create_probe", "delete_ping", "delete_probe", "pause_ping",
    "pause_probe", "purge_ping_events", "receive_ping", "record_late_pings", "resume_ping", "resume_probe", "revoke_ping_key", "run_probe",
]  # fmt: skip

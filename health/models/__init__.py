from health.models.ping import SLUG, Kind, Ping, PingEvent, PingFlip, PingKey, Verdict, Why
from health.models.probe import Fault, Probe, ProbeFlip, ProbeHour, ProbeResult, ProbeStep, Standing

__all__ = [
    "SLUG", "Fault", "Kind", "Ping", "PingEvent", "PingFlip", "PingKey", "Probe", "ProbeFlip", "ProbeHour", "ProbeResult", "ProbeStep",
    "Standing", "Verdict", "Why",
]  # fmt: skip

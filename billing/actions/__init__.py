"""Every act of billing: one transaction, one audit row."""

from billing.actions.event import handle_event, replay_event, replay_events

__all__ = ["handle_event", "replay_event", "replay_events"]

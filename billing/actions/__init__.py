"""Every act of billing: one transaction, one audit row."""

from billing.actions.callback import resend_callback
from billing.actions.checkout import NewCheckout, link_checkout, record_checkout
from billing.actions.event import handle_event, replay_event, replay_events
from billing.actions.finding import handle_finding
from billing.actions.grant import end_grant, grant_plan
from billing.actions.handling import handle_checkout
from billing.actions.plan import change_plan, create_plan
from billing.reconciling.applying import reconcile_checkout

__all__ = [
    "NewCheckout",
    "change_plan",
    "create_plan",
    "end_grant",
    "grant_plan",
    "handle_checkout",
    "handle_event",
    "handle_finding",
    "link_checkout",
    "reconcile_checkout",
    "record_checkout",
    "replay_event",
    "replay_events",
    "resend_callback",
]

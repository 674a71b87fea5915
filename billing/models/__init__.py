"""What customers pay for, what the payment providers said about it, what was given for it, and where the sides disagree."""

from billing.models.checkout import Checkout, Plan, Subscription
from billing.models.event import SignatureCount, SignatureFailure, WebhookEvent
from billing.models.finding import Finding, Watermark
from billing.models.grant import Callback, Grant
from billing.models.payment import Dispute, Payment, Refund

__all__ = [
    "Callback", "Checkout", "Dispute", "Finding", "Grant", "Payment", "Plan", "Refund", "SignatureCount", "SignatureFailure", "Subscription",
    "Watermark", "WebhookEvent",
]  # fmt: skip

"""A checkout's snapshot with an answer of the provider's that a test says, in place of asking."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from billing.models import Checkout
from billing.reconciling.shape import Asked, Snapshot
from billing.reconciling.snapshot import read
from billing.report import Report, ReportedCheckout, ReportedPayment
from billing.states import CheckoutState, PaymentState
from opsportal import clock


def said_of(checkout: Checkout, **fields: Any) -> ReportedPayment:
    """Approved, of the checkout's amount."""
    known: dict[str, Any] = {
        "id": "pi_said", "state": PaymentState.APPROVED, "status": "succeeded", "amount": checkout.amount, "currency": checkout.currency,
        "reference": checkout.checkout_id, "created_at": clock.now() - timedelta(hours=1), "paid_at": clock.now() - timedelta(hours=1),
    }  # fmt: skip
    return ReportedPayment(**known | fields)


def same_as(payment: Any, **fields: Any) -> ReportedPayment:
    """What the provider says of a payment of ours: the same, but for the fields."""
    known: dict[str, Any] = {
        "id": payment.payment_id, "state": PaymentState(payment.base), "status": payment.status, "amount": payment.amount,
        "currency": payment.currency, "reference": payment.reference, "created_at": payment.created_at, "paid_at": payment.paid_at,
        "period_start": payment.period_start, "period_end": payment.period_end, "invoice_id": payment.invoice_id,
        "subscription_id": payment.subscription_id,
    }  # fmt: skip
    return ReportedPayment(**known | fields)


def answer(checkout: Checkout, *payments: ReportedPayment, state: CheckoutState | None = None, **fields: Any) -> Asked:
    """An answer of now; its page is as far as `state`, or as ours."""
    now = clock.now()
    page = ReportedCheckout(
        checkout.session_id, state or CheckoutState(checkout.state), "complete", checkout.amount, checkout.currency, checkout.checkout_id,
        email=checkout.email,
    )  # fmt: skip
    return Asked(at=now, report=replace(Report(checkout.provider, now, page, payments), **fields))


def seen(checkout: Checkout, asked: Asked) -> Snapshot:
    return read(checkout.checkout_id, asked)

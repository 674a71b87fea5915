"""From Mercado Pago's objects to ours. Pure. https://www.mercadopago.com.br/developers/en/reference/payments/_payments_id/get"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from billing.providers import values
from billing.providers.asking import unknown_status
from billing.providers.values import ident, iso, part, text
from billing.report import ReportedCheckout, ReportedDispute, ReportedPayment, ReportedRefund
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState

Json = dict[str, Any]

# What was refunded, charged back or is in mediation had been approved; the rest stands in its refunds and disputes.
PAYMENT = {
    "pending": PaymentState.PENDING,
    "in_process": PaymentState.PENDING,
    "authorized": PaymentState.PENDING,
    "approved": PaymentState.APPROVED,
    "in_mediation": PaymentState.APPROVED,
    "refunded": PaymentState.APPROVED,
    "charged_back": PaymentState.APPROVED,
    "rejected": PaymentState.REJECTED,
    "cancelled": PaymentState.CANCELLED,
}
REFUND = {
    "approved": RefundState.SUCCEEDED,
    "authorized": RefundState.PENDING,
    "in_process": RefundState.PENDING,
    "pending": RefundState.PENDING,
    "rejected": RefundState.FAILED,
    "cancelled": RefundState.FAILED,
}
# https://www.mercadopago.com.br/developers/en/docs/checkout-pro/chargebacks: details of a payment that was charged back.
CHARGEBACK = {"in_process": DisputeState.OPEN, "settled": DisputeState.LOST, "reimbursed": DisputeState.WON}


def minor(amount: Any, currency: str) -> int:
    """Our minor units. Raises TypeError for what is no number."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise TypeError("an amount is a number")
    return values.minor(Decimal(amount), currency)


def payment(found: Json, *, preference_id: str = "") -> ReportedPayment:
    """`preference_id`: of the order that the payment belongs to; the payment does not name it."""
    currency, state = text(found["currency_id"], 3).upper(), found["status"]
    if state not in PAYMENT:
        raise unknown_status("Mercado Pago", state, ident(found))
    return ReportedPayment(
        id=ident(found),
        state=PAYMENT[state],
        status=text(state, 40),
        amount=minor(found["transaction_amount"], currency),
        currency=currency,
        detail=text(found.get("status_detail")),
        created_at=iso(found.get("date_created")),
        paid_at=iso(found.get("date_approved")) if PAYMENT[state] is PaymentState.APPROVED else None,
        reference=reference(found),
        session_id=preference_id,
        customer_id=ident(found.get("payer")),
        email=text(part(found, "payer", "email"), 254),
        refunds=tuple(_refunds(found, currency)),
        disputes=tuple(_disputes(found, currency)),
    )


def reference(found: Json) -> str:
    return text(found.get("external_reference") or part(found, "metadata", "checkout_id"))


def _refunds(found: Json, currency: str) -> list[ReportedRefund]:
    refunds = [_refund(one, currency) for one in found.get("refunds") or ()]
    if found["status"] != "refunded":
        return refunds
    # All of it went back, and not every refund is told: older payments, and mediations that were lost.
    told = sum(one.amount for one in refunds if one.state != RefundState.FAILED)
    if (left := minor(found["transaction_amount"], currency) - told) > 0:
        at = iso(found.get("date_last_updated"))
        refunds.append(ReportedRefund(f"refund-{ident(found)}", left, currency, RefundState.SUCCEEDED, at))
    return refunds


def _refund(one: Json, currency: str) -> ReportedRefund:
    # Refunds of the time before they had a status were done when they were there.
    status = one.get("status") or "approved"
    if status not in REFUND:
        raise unknown_status("Mercado Pago", status, ident(one))
    return ReportedRefund(ident(one), minor(one["amount"], currency), currency, REFUND[status], iso(one.get("date_created")))


def _disputes(found: Json, currency: str) -> list[ReportedDispute]:
    """A payment has at most one dispute and does not name it: it has the payment's id. A mediation may become a chargeback."""
    if found["status"] == "in_mediation":
        state, reason = DisputeState.OPEN, "mediation"
    elif found["status"] == "charged_back":
        detail = found.get("status_detail")
        if detail not in CHARGEBACK:
            raise unknown_status("Mercado Pago", f"charged_back/{detail}", ident(found))
        state, reason = CHARGEBACK[detail], "chargeback"
    else:
        return []
    amount = minor(found["transaction_amount"], currency)
    return [ReportedDispute(f"dispute-{ident(found)}", amount, currency, state, reason, iso(found.get("date_last_updated")))]


def checkout(preference: Json, payments: list[ReportedPayment], *, now: datetime) -> ReportedCheckout:
    """A preference has no state of its own: it is what its payments and its time make of it."""
    items = preference.get("items") or []
    currency = text(part(items[0], "currency_id"), 3).upper() if items else ""
    expires_at = iso(preference.get("expiration_date_to")) if preference.get("expires") else None
    state = checkout_state(payments, is_over=expires_at is not None and expires_at <= now)
    return ReportedCheckout(
        id=ident(preference),
        state=state,
        status=state.value,
        amount=minor(sum(Decimal(item["unit_price"]) * int(item["quantity"]) for item in items), currency) if currency else None,
        currency=currency,
        reference=reference(preference),
        email=text(part(preference, "payer", "email"), 254),
        created_at=iso(preference.get("date_created")),
        expires_at=expires_at,
    )


def checkout_state(payments: list[ReportedPayment], *, is_over: bool) -> CheckoutState:
    states = {one.state for one in payments}
    if PaymentState.APPROVED in states:
        return CheckoutState.PAID
    if PaymentState.PENDING in states:
        return CheckoutState.PENDING
    if is_over:
        return CheckoutState.EXPIRED
    return CheckoutState.FAILED if states else CheckoutState.OPEN

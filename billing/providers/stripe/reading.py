"""From Stripe's objects to ours. Pure; shapes as in the API of the library's version. https://docs.stripe.com/api"""

from decimal import Decimal
from typing import Any

from billing.providers import values
from billing.providers.asking import unknown_status
from billing.providers.values import at, ident, part, text
from billing.report import ReportedCheckout, ReportedDispute, ReportedPayment, ReportedRefund, ReportedSubscription
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState

Json = dict[str, Any]

# https://docs.stripe.com/currencies: decimal places in Stripe's amounts where they are not two. They are not always the ones that
# people write: ISK and UGX have none, and two here.
_NONE = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
DECIMALS = dict.fromkeys(_NONE, 0) | dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3)

INTENT = {
    "succeeded": PaymentState.APPROVED,
    "processing": PaymentState.PENDING,
    "requires_action": PaymentState.PENDING,
    "requires_confirmation": PaymentState.PENDING,
    "requires_capture": PaymentState.PENDING,
    "canceled": PaymentState.CANCELLED,
}
REFUND = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# A warning is an inquiry before a dispute: closed, no money was taken. Prevented: settled with the bank before it became one.
DISPUTE = {
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "warning_needs_response": DisputeState.OPEN,
    "warning_under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}


def minor(amount: Any, currency: str) -> int:
    """Our minor units from Stripe's. Raises TypeError for what is no whole number."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError("an amount is a whole number")
    return values.minor(Decimal(amount).scaleb(-DECIMALS.get(currency, 2)), currency)


def code(currency: str) -> str:
    return currency.upper()[:3]


def reference(session: Json | None, *others: Json | None) -> str:
    """Our checkout's id: what the session was given, else what stands in the metadata of anything that belongs to it."""
    named = text(part(session, "client_reference_id"))
    written = (text(part(other, "metadata", "checkout_id")) for other in (session, *others))
    return named or next(filter(None, written), "")


def subscription_of(invoice: Json | None) -> str:
    return ident(part(invoice, "parent", "subscription_details", "subscription"))


def intents_of(invoice: Json) -> list[str]:
    """The payment intents that paid an invoice, or were to."""
    found = (ident(part(one, "payment", "payment_intent")) for one in part(invoice, "payments", "data") or ())
    return [intent for intent in found if intent]


def intent_state(intent: Json) -> PaymentState:
    if intent["status"] == "requires_payment_method":
        return PaymentState.REJECTED if intent.get("last_payment_error") else PaymentState.PENDING
    if intent["status"] not in INTENT:
        raise unknown_status("Stripe", intent["status"], intent["id"])
    return INTENT[intent["status"]]


def payment(intent: Json, refunds: list[Json], disputes: list[Json], *, session: Json | None, invoice: Json | None) -> ReportedPayment:
    state, currency = intent_state(intent), code(intent["currency"])
    charge = intent["latest_charge"] if isinstance(intent.get("latest_charge"), dict) else None
    is_paid = state is PaymentState.APPROVED
    error = intent.get("last_payment_error") or {}
    starts, ends = period(invoice)
    return ReportedPayment(
        id=intent["id"],
        state=state,
        status=text(intent["status"], 40),
        amount=minor(intent["amount_received"] if is_paid else intent["amount"], currency),
        currency=currency,
        detail="" if is_paid else text(error.get("decline_code") or error.get("code") or intent.get("cancellation_reason")),
        created_at=at(intent.get("created")),
        paid_at=at(part(charge, "created")) if is_paid else None,
        reference=reference(session, intent, part(invoice, "parent", "subscription_details"), invoice),
        session_id=ident(session),
        customer_id=ident(intent.get("customer") or part(session, "customer") or part(invoice, "customer")),
        email=_email(session)
        or text(intent.get("receipt_email") or part(charge, "billing_details", "email") or part(invoice, "customer_email"), 254),
        subscription_id=subscription_of(invoice) or ident(part(session, "subscription")),
        invoice_id=ident(invoice),
        period_start=starts,
        period_end=ends,
        refunds=tuple(refund(one) for one in refunds),
        disputes=tuple(dispute(one) for one in disputes),
    )


def invoice_payment(invoice: Json, *, session: Json | None) -> ReportedPayment:
    """A paid invoice that no payment intent paid: outside Stripe, or from the customer's balance."""
    currency = code(invoice["currency"])
    starts, ends = period(invoice)
    return ReportedPayment(
        id=invoice["id"],
        state=PaymentState.APPROVED,
        status=text(invoice["status"], 40),
        amount=minor(invoice["amount_paid"], currency),
        currency=currency,
        created_at=at(invoice.get("created")),
        paid_at=at(part(invoice, "status_transitions", "paid_at")),
        reference=reference(session, part(invoice, "parent", "subscription_details"), invoice),
        session_id=ident(session),
        customer_id=ident(invoice.get("customer")),
        email=_email(session) or text(invoice.get("customer_email"), 254),
        subscription_id=subscription_of(invoice),
        invoice_id=invoice["id"],
        period_start=starts,
        period_end=ends,
    )


def period(invoice: Json | None) -> tuple[Any, Any]:
    """What an invoice pays for: the time of its line that ends last. Its own period is the one before. Both or none."""
    spans = [part(line, "period") for line in part(invoice, "lines", "data") or () if part(line, "period", "end")]
    if not spans or not subscription_of(invoice):
        return None, None
    last = max(spans, key=lambda span: span["end"])
    return at(last["start"]), at(last["end"])


def refund(found: Json) -> ReportedRefund:
    if found["status"] not in REFUND:
        raise unknown_status("Stripe", found["status"], found["id"])
    currency = code(found["currency"])
    return ReportedRefund(found["id"], minor(found["amount"], currency), currency, REFUND[found["status"]], at(found.get("created")))


def dispute(found: Json) -> ReportedDispute:
    if found["status"] not in DISPUTE:
        raise unknown_status("Stripe", found["status"], found["id"])
    currency, state = code(found["currency"]), DISPUTE[found["status"]]
    return ReportedDispute(found["id"], minor(found["amount"], currency), currency, state, text(found.get("reason"), 100), at(found.get("created")))


def checkout(session: Json, payments: list[ReportedPayment]) -> ReportedCheckout:
    currency, total = code(text(session.get("currency"))), session.get("amount_total")
    return ReportedCheckout(
        id=session["id"],
        state=checkout_state(session, payments),
        status=f"{text(session['status'], 20)}/{text(session['payment_status'], 19)}",
        amount=None if total is None else minor(total, currency),
        currency=currency,
        reference=reference(session),
        customer_id=ident(session.get("customer")),
        email=_email(session),
        subscription_id=ident(session.get("subscription")),
        created_at=at(session.get("created")),
        expires_at=at(session.get("expires_at")),
    )


def checkout_state(session: Json, payments: list[ReportedPayment]) -> CheckoutState:
    status, paid = session["status"], session["payment_status"]
    if paid in ("paid", "no_payment_required") and status == "complete":
        return CheckoutState.PAID
    if status in ("open", "expired"):
        return CheckoutState(status)
    if status != "complete" or paid != "unpaid":
        raise unknown_status("Stripe", f"{status}/{paid}", session["id"])
    # A way to pay that takes time. That it failed in the end stands in the payment only.
    is_over = payments and all(one.state in (PaymentState.REJECTED, PaymentState.CANCELLED) for one in payments)
    return CheckoutState.FAILED if is_over else CheckoutState.PENDING


def subscription(found: Json, *, session: Json | None) -> ReportedSubscription:
    ends = [end for item in part(found, "items", "data") or () if (end := at(item.get("current_period_end")))]
    last = max(ends, default=None)
    return ReportedSubscription(
        id=found["id"],
        status=text(found["status"], 40),
        reference=reference(session, found),
        customer_id=ident(found.get("customer")),
        current_period_end=last,
        cancel_at=at(found.get("cancel_at")) or (last if found.get("cancel_at_period_end") else None),
        ended_at=at(found.get("ended_at")),
    )


def _email(session: Json | None) -> str:
    return text(part(session, "customer_details", "email") or part(session, "customer_email"), 254)

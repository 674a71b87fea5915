"""Stripe's objects as https://docs.stripe.com/api shows them, with what is read here."""

from typing import Any

CREATED = 1_790_000_000
Json = dict[str, Any]


def page(*found: Json, more: bool = False) -> Json:
    return {"object": "list", "data": list(found), "has_more": more, "url": "/v1/x"}


def charge(**fields: Any) -> Json:
    return {
        "id": "ch_1", "object": "charge", "amount": 2990, "created": CREATED + 60, "currency": "brl", "payment_intent": "pi_1", "status": "succeeded",
        "billing_details": {"email": "card@example.com"}, "disputed": False,
    } | fields  # fmt: skip


def intent(**fields: Any) -> Json:
    return {
        "id": "pi_1", "object": "payment_intent", "amount": 2990, "amount_received": 2990, "created": CREATED, "currency": "brl", "customer": "cus_1",
        "last_payment_error": None, "cancellation_reason": None, "latest_charge": charge(), "metadata": {}, "receipt_email": None, "status": "succeeded",
    } | fields  # fmt: skip


def session(**fields: Any) -> Json:
    return {
        "id": "cs_1", "object": "checkout.session", "amount_total": 2990, "client_reference_id": "chk_1", "created": CREATED, "currency": "brl",
        "customer": "cus_1", "customer_details": {"email": "buyer@example.com"}, "customer_email": None, "expires_at": CREATED + 86_400, "invoice": None,
        "metadata": {}, "mode": "payment", "payment_intent": "pi_1", "payment_status": "paid", "status": "complete", "subscription": None,
    } | fields  # fmt: skip


def refund(**fields: Any) -> Json:
    return {
        "id": "re_1", "object": "refund", "amount": 1000, "charge": "ch_1", "created": CREATED + 90, "currency": "brl", "payment_intent": "pi_1",
        "status": "succeeded",
    } | fields  # fmt: skip


def dispute(**fields: Any) -> Json:
    return {
        "id": "du_1", "object": "dispute", "amount": 2990, "charge": "ch_1", "created": CREATED + 99, "currency": "brl", "payment_intent": "pi_1",
        "reason": "fraudulent", "status": "needs_response",
    } | fields  # fmt: skip


def subscription(**fields: Any) -> Json:
    item = {"id": "si_1", "object": "subscription_item", "current_period_start": CREATED, "current_period_end": CREATED + 2_592_000}
    return {
        "id": "sub_1", "object": "subscription", "cancel_at": None, "cancel_at_period_end": False, "customer": "cus_1", "ended_at": None,
        "items": page(item), "metadata": {}, "status": "active",
    } | fields  # fmt: skip


def invoice(*intents: str, **fields: Any) -> Json:
    paid = [{"id": f"inpay_{one}", "object": "invoice_payment", "payment": {"type": "payment_intent", "payment_intent": one}} for one in intents]
    return {
        "id": "in_1", "object": "invoice", "amount_paid": 2990, "created": CREATED, "currency": "brl", "customer": "cus_1",
        "customer_email": "invoice@example.com", "lines": page({"id": "il_1", "object": "line_item", "period": {"start": CREATED, "end": CREATED + 2_592_000}}),
        "metadata": {}, "payments": page(*paid), "period_start": CREATED - 2_592_000, "period_end": CREATED, "status": "paid",
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1", "metadata": {}}},
        "status_transitions": {"paid_at": CREATED + 30},
    } | fields  # fmt: skip

"""Stripe's objects as its API of 2026 writes them: the fields that integrations read, with Stripe's own names. Amounts are minor units."""

from datetime import datetime, timedelta
from typing import Any

API_VERSION = "2026-10-28.endive"
Object = dict[str, Any]


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def account(id: str, at: int) -> Object:
    return {
        "id": id, "object": "account", "business_profile": {"name": "SmartBuy (sandbox)", "url": None, "support_email": None}, "business_type": "company",
        "charges_enabled": True, "country": "BR", "created": at, "default_currency": "brl", "details_submitted": True, "email": "billing@smartbuy.example",
        "payouts_enabled": True, "settings": {"dashboard": {"display_name": "SmartBuy (sandbox)", "timezone": "America/Sao_Paulo"}}, "type": "standard",
        "metadata": {},
    }  # fmt: skip


def session(
    id: str, at: datetime, *, amount: int, currency: str, mode: str, reference: str, email: str, expires_in: float, metadata: Object
) -> Object:
    return {
        "id": id, "object": "checkout.session", "amount_subtotal": amount, "amount_total": amount, "client_reference_id": reference or None,
        "created": stamp(at), "currency": currency.lower(), "customer": None, "customer_creation": "always", "customer_email": email or None,
        "customer_details": None, "expires_at": stamp(at + timedelta(seconds=expires_in)), "invoice": None, "livemode": False, "locale": "pt-BR",
        "metadata": metadata, "mode": mode, "payment_intent": None, "payment_link": None, "payment_method_collection": "always",
        "payment_method_types": ["card", "boleto"] if mode == "payment" else ["card"], "payment_status": "unpaid", "setup_intent": None, "status": "open",
        "subscription": None, "success_url": "https://smartbuy.example/thanks", "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted", "url": f"https://checkout.stripe.com/c/pay/{id}",
    }  # fmt: skip


def payment_intent(id: str, at: datetime, *, amount: int, currency: str, customer: str, metadata: Object) -> Object:
    return {
        "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_received": 0, "canceled_at": None,
        "cancellation_reason": None, "capture_method": "automatic_async", "client_secret": f"{id}_secret_sandbox", "confirmation_method": "automatic",
        "created": stamp(at), "currency": currency.lower(), "customer": customer or None, "description": None, "last_payment_error": None,
        "latest_charge": None, "livemode": False, "metadata": metadata, "next_action": None, "payment_method": None,
        "payment_method_types": ["card"], "processing": None, "receipt_email": None, "status": "requires_payment_method",
    }  # fmt: skip


def charge(id: str, at: datetime, intent: Object, *, email: str, method: str) -> Object:
    return {
        "id": id, "object": "charge", "amount": intent["amount"], "amount_captured": 0, "amount_refunded": 0, "balance_transaction": None,
        "billing_details": {"email": email or None, "name": None, "phone": None, "address": None}, "captured": False, "created": stamp(at),
        "currency": intent["currency"], "customer": intent["customer"], "description": None, "disputed": False, "failure_code": None,
        "failure_message": None, "livemode": False, "metadata": dict(intent["metadata"]), "outcome": None, "paid": False, "payment_intent": intent["id"],
        "payment_method": None, "payment_method_details": {"type": method, method: {}}, "receipt_email": None, "receipt_url": None, "refunded": False,
        "status": "pending",
    }  # fmt: skip


def refund(id: str, at: datetime, of: Object, *, amount: int, status: str) -> Object:
    return {
        "id": id, "object": "refund", "amount": amount, "balance_transaction": None, "charge": of["id"], "created": stamp(at), "currency": of["currency"],
        "metadata": {}, "payment_intent": of["payment_intent"], "reason": "requested_by_customer", "receipt_number": None, "status": status,
    }  # fmt: skip


def dispute(id: str, at: datetime, of: Object, *, amount: int, reason: str) -> Object:
    return {
        "id": id, "object": "dispute", "amount": amount, "balance_transactions": [], "charge": of["id"], "created": stamp(at), "currency": of["currency"],
        "evidence_details": {"due_by": stamp(at + timedelta(days=9)), "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False, "livemode": False, "metadata": {}, "payment_intent": of["payment_intent"], "reason": reason,
        "status": "needs_response",
    }  # fmt: skip


def subscription(
    id: str, item: str, at: datetime, *, customer: str, currency: str, amount: int, interval: str, until: datetime, metadata: Object
) -> Object:
    price = {
        "id": f"price_{interval}_{amount}", "object": "price", "active": True, "currency": currency.lower(), "unit_amount": amount, "type": "recurring",
        "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"}, "livemode": False, "metadata": {},
    }  # fmt: skip
    items = {
        "id": item, "object": "subscription_item", "created": stamp(at), "current_period_start": stamp(at), "current_period_end": stamp(until),
        "metadata": {}, "price": price, "quantity": 1, "subscription": id,
    }  # fmt: skip
    return {
        "id": id, "object": "subscription", "billing_cycle_anchor": stamp(at), "cancel_at": None, "cancel_at_period_end": False, "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None}, "collection_method": "charge_automatically", "created": stamp(at),
        "currency": currency.lower(), "customer": customer, "ended_at": None, "latest_invoice": None, "livemode": False, "metadata": metadata,
        "items": {"object": "list", "data": [items], "has_more": False, "total_count": 1, "url": f"/v1/subscription_items?subscription={id}"},
        "start_date": stamp(at), "status": "active", "trial_end": None, "trial_start": None,
    }  # fmt: skip


def invoice(id: str, at: datetime, of: Object, *, line: str, period: tuple[datetime, datetime], amount: int, email: str, reason: str) -> Object:
    lines = {
        "id": line, "object": "line_item", "amount": amount, "currency": of["currency"], "invoice": id, "livemode": False, "metadata": dict(of["metadata"]),
        "parent": {"type": "subscription_item_details", "subscription_item_details": {"subscription": of["id"], "subscription_item": _item(of), "proration": False}},
        "period": {"start": stamp(period[0]), "end": stamp(period[1])}, "quantity": 1, "subtotal": amount,
    }  # fmt: skip
    return {
        "id": id, "object": "invoice", "account_country": "BR", "amount_due": amount, "amount_paid": 0, "amount_remaining": amount, "attempt_count": 0,
        "attempted": False, "auto_advance": True, "billing_reason": reason, "collection_method": "charge_automatically", "created": stamp(at),
        "currency": of["currency"], "customer": of["customer"], "customer_email": email or None, "livemode": False,
        "lines": {"object": "list", "data": [lines], "has_more": False, "total_count": 1, "url": f"/v1/invoices/{id}/lines"}, "metadata": {},
        "number": None, "parent": {"type": "subscription_details", "quote_details": None,
                                   "subscription_details": {"subscription": of["id"], "metadata": dict(of["metadata"])}},
        # Of an invoice these say when its items were gathered: on the first one both are its own moment.
        "period_start": stamp(at), "period_end": stamp(at), "status": "open",
        "status_transitions": {"finalized_at": stamp(at), "paid_at": None, "voided_at": None, "marked_uncollectible_at": None}, "subtotal": amount,
        "total": amount,
    }  # fmt: skip


def invoice_payment(id: str, at: datetime, of: Object, intent: Object) -> Object:
    return {
        "id": id, "object": "invoice_payment", "amount_paid": None, "amount_requested": of["amount_due"], "created": stamp(at), "currency": of["currency"],
        "invoice": of["id"], "is_default": True, "livemode": False, "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
        "status": "open", "status_transitions": {"canceled_at": None, "paid_at": None},
    }  # fmt: skip


def event(id: str, at: datetime, type: str, of: Object, previous: Object | None) -> Object:
    data = {"object": of} | ({"previous_attributes": previous} if previous else {})
    return {
        "id": id, "object": "event", "api_version": API_VERSION, "created": stamp(at), "data": data, "livemode": False, "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None}, "type": type,
    }  # fmt: skip


def _item(of: Object) -> str:
    return str(of["items"]["data"][0]["id"])

"""Mercado Pago's objects as its API writes them: the fields that integrations read. Amounts are decimals, moments carry a zone."""

from datetime import datetime, timedelta, timezone
from typing import Any

Object = dict[str, Any]
ZONE = timezone(timedelta(hours=-4))
# What a payment that was asked for by a checkout can be paid with.
KINDS = {"pix": "bank_transfer", "visa": "credit_card", "bolbradesco": "ticket"}


def moment(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="milliseconds")


def decimal(minor: int) -> float:
    return minor / 100


def minor(amount: float) -> int:
    return round(amount * 100)


def user(id: int) -> Object:
    return {
        "id": id, "nickname": "SMARTBUY.SANDBOX", "registration_date": "2024-03-11T10:22:41.000-04:00", "country_id": "BR", "user_type": "normal",
        "email": "billing@smartbuy.example", "site_id": "MLB", "permalink": "http://perfil.mercadolivre.com.br/SMARTBUY.SANDBOX",
        "status": {"site_status": "active", "billing": {"allow": True, "codes": []}}, "tags": ["normal", "test_user"],
    }  # fmt: skip


def preference(
    id: str, at: datetime, *, collector: int, reference: str, title: str, amount: int, currency: str, email: str, expires_in: float
) -> Object:
    url = f"https://www.mercadopago.com.br/checkout/v1/redirect?pref_id={id}"
    return {
        "id": id, "additional_info": "", "auto_return": "approved", "client_id": "1234567890123456", "collector_id": collector,
        "date_created": moment(at), "expires": True, "expiration_date_from": moment(at), "expiration_date_to": moment(at + timedelta(seconds=expires_in)),
        "external_reference": reference, "init_point": url, "items": [
            {"id": "", "title": title, "description": "", "category_id": "", "currency_id": currency.upper(), "quantity": 1, "unit_price": decimal(amount)}
        ],
        "marketplace": "NONE", "metadata": {}, "notification_url": "", "operation_type": "regular_payment", "payer": {"email": email, "name": "", "surname": ""},
        "sandbox_init_point": url.replace("www.", "sandbox."), "site_id": "MLB", "total_amount": None, "last_updated": None,
    }  # fmt: skip


def payment(id: int, at: datetime, of: Object, *, order: int, amount: int, currency: str, method: str, payer: int) -> Object:
    return {
        "id": id, "captured": True, "charges_details": [], "collector_id": of["collector_id"], "coupon_amount": 0, "currency_id": currency.upper(),
        "date_approved": None, "date_created": moment(at), "date_last_updated": moment(at),
        "date_of_expiration": moment(at + timedelta(days=1)) if method == "pix" else None, "description": of["items"][0]["title"],
        "external_reference": of["external_reference"] or None, "fee_details": [], "installments": 1, "live_mode": True, "metadata": {},
        "money_release_date": None, "notification_url": None, "operation_type": "regular_payment", "order": {"id": str(order), "type": "mercadopago"},
        "payer": {"id": str(payer), "email": of["payer"]["email"], "identification": {"number": "32659430", "type": "CPF"}, "type": None},
        "payment_method": {"id": method, "type": KINDS[method]}, "payment_method_id": method, "payment_type_id": KINDS[method],
        "point_of_interaction": {"type": "CHECKOUT", "business_info": {"unit": "online_payments", "sub_unit": "checkout_pro"}},
        "processing_mode": "aggregator", "refunds": [], "status": "pending", "status_detail": "pending_waiting_payment", "taxes_amount": 0,
        "transaction_amount": decimal(amount), "transaction_amount_refunded": 0,
        "transaction_details": {"net_received_amount": 0, "total_paid_amount": decimal(amount), "overpaid_amount": 0, "installment_amount": 0},
    }  # fmt: skip


def refund(id: int, at: datetime, of: Object, *, amount: int, status: str) -> Object:
    source = {"id": str(of["collector_id"]), "name": "SmartBuy", "type": "collector"}
    return {
        "id": id, "payment_id": of["id"], "amount": decimal(amount), "adjustment_amount": 0, "amount_refunded_to_payer": decimal(amount),
        "date_created": moment(at), "labels": [], "metadata": {}, "reason": None, "refund_mode": "standard", "source": source, "status": status,
        "unique_sequence_number": None,
    }  # fmt: skip


def chargeback(id: int, at: datetime, of: Object, *, amount: int) -> Object:
    """`coverage_applied`: null until it is decided; true when Mercado Pago gives the money back to the seller, false when it does not."""
    return {
        "id": str(id), "payments": [of["id"]], "currency": of["currency_id"], "amount": decimal(amount), "reason": "general", "coverage_applied": None,
        "coverage_elegible": True, "documentation_required": True, "documentation_status": "pending", "documentation": [],
        "date_documentation_deadline": moment(at + timedelta(days=10)), "date_created": moment(at), "date_last_updated": moment(at), "live_mode": True,
    }  # fmt: skip


def merchant_order(id: int, at: datetime, of: Object) -> Object:
    return {
        "id": id, "status": "opened", "order_status": "payment_required", "external_reference": of["external_reference"], "preference_id": of["id"],
        "payments": [], "shipments": [], "payouts": [], "collector": {"id": of["collector_id"], "email": "", "nickname": "SMARTBUY.SANDBOX"},
        "marketplace": "NONE", "date_created": moment(at), "last_updated": moment(at), "shipping_cost": 0, "total_amount": of["items"][0]["unit_price"],
        "site_id": "MLB", "paid_amount": 0, "refunded_amount": 0, "items": of["items"], "cancelled": False, "additional_info": "",
        "application_id": "1234567890123456", "is_test": False, "client_id": "1234567890123456",
    }  # fmt: skip

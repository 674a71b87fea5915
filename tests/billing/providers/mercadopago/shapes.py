"""Mercado Pago's objects as https://www.mercadopago.com.br/developers/en/reference shows them, with what is read here."""

from typing import Any

Json = dict[str, Any]


def payment(**fields: Any) -> Json:
    return {
        "id": 999, "currency_id": "BRL", "date_approved": "2026-10-01T09:12:00.000-04:00", "date_created": "2026-10-01T09:11:00.000-04:00",
        "date_last_updated": "2026-10-01T09:12:00.000-04:00", "external_reference": "chk_1", "live_mode": True, "metadata": {},
        "order": {"id": "555", "type": "mercadopago"}, "payer": {"id": "77", "email": "buyer@example.com"}, "refunds": [], "status": "approved",
        "status_detail": "accredited", "transaction_amount": 29.9, "transaction_amount_refunded": 0,
    } | fields  # fmt: skip


def refund(**fields: Any) -> Json:
    return {"id": 31, "payment_id": 999, "amount": 10.01, "date_created": "2026-10-02T09:00:00.000-04:00", "status": "approved"} | fields


def preference(**fields: Any) -> Json:
    item = {"id": "", "title": "Plan", "currency_id": "BRL", "quantity": 1, "unit_price": 29.9}
    return {
        "id": "44-pref", "date_created": "2026-10-01T09:10:00.000-04:00", "expires": False, "expiration_date_to": None, "external_reference": "chk_1",
        "items": [item], "payer": {"email": "buyer@example.com"},
    } | fields  # fmt: skip


def order(*payments: int, **fields: Any) -> Json:
    return {
        "id": 555, "status": "closed", "external_reference": "chk_1", "preference_id": "44-pref", "order_status": "paid",
        "payments": [{"id": one, "status": "approved", "transaction_amount": 29.9} for one in payments],
    } | fields  # fmt: skip


def found(*payments: Json) -> Json:
    return {"paging": {"total": len(payments), "limit": 50, "offset": 0}, "results": list(payments)}

"""Deliveries as the providers send them, signed by hand as their pages say."""

import hashlib
import hmac
import json
import time
from typing import Any

STRIPE_SECRET = "whsec_of-the-tests"
MERCADOPAGO_SECRET = "mp-secret-of-the-tests"
STRIPE, MERCADOPAGO = "/api/webhooks/stripe", "/api/webhooks/mercadopago"


def stripe_event(event_id: str = "evt_1", event_type: str = "payment_intent.succeeded", object_id: str = "pi_1", **fields: Any) -> bytes:
    body = {"id": event_id, "object": "event", "type": event_type, "created": 1_790_000_000, "livemode": False, "data": {"object": {"id": object_id}}}
    return json.dumps(body | fields).encode()


def stripe_signature(raw: bytes, *, secret: str = STRIPE_SECRET, at: int | None = None) -> str:
    stamp = at or int(time.time())
    return f"t={stamp},v1={hmac.new(secret.encode(), f'{stamp}.'.encode() + raw, hashlib.sha256).hexdigest()}"


def mercadopago_event(notification_id: int = 1, payment_id: str = "77", **fields: Any) -> bytes:
    body = {"id": notification_id, "live_mode": False, "type": "payment", "action": "payment.updated", "data": {"id": payment_id}}
    return json.dumps(body | fields).encode()


def mercadopago_signature(payment_id: str, request_id: str, *, secret: str = MERCADOPAGO_SECRET) -> str:
    stamp = int(time.time() * 1000)
    manifest = f"id:{payment_id};request-id:{request_id};ts:{stamp};"
    return f"ts={stamp},v1={hmac.new(secret.encode(), manifest.encode(), hashlib.sha256).hexdigest()}"


def send_stripe(client: Any, raw: bytes, **headers: str) -> Any:
    """With a right signature, unless the headers say otherwise."""
    signed = {"Stripe-Signature": stripe_signature(raw), "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}
    return client.post(STRIPE, raw, content_type="application/json", headers=signed | headers)


def send_mercadopago(client: Any, raw: bytes, *, payment_id: str = "77", signed: bool = True) -> Any:
    headers = {"x-request-id": "req-1"} | ({"x-signature": mercadopago_signature(payment_id, "req-1")} if signed else {})
    return client.post(f"{MERCADOPAGO}?data.id={payment_id}&type=payment", raw, content_type="application/json", headers=headers)

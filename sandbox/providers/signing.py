"""The signatures of webhooks, made from the providers' own descriptions rather than with the code that checks them."""

import hashlib
import hmac


def stripe_signature(body: bytes, secrets: list[str], at: float) -> str:
    """The value of Stripe-Signature. While a secret is rolled, Stripe signs with both. `at`: seconds since 1970."""
    stamp = str(int(at))
    return ",".join([f"t={stamp}", *(f"v1={_hex(secret, stamp.encode() + b'.' + body)}" for secret in secrets)])


def mercadopago_signature(data_id: str, request_id: str, secret: str, at: float, *, in_ms: bool = True) -> str:
    """The value of x-signature. Real ones come in seconds or in milliseconds, by product."""
    stamp = str(int(at * 1000) if in_ms else int(at))
    manifest = f"id:{data_id};" * bool(data_id) + f"request-id:{request_id};" * bool(request_id) + f"ts:{stamp};"
    return f"ts={stamp},v1={_hex(secret, manifest.encode())}"


def _hex(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()

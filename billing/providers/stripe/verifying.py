"""Stripe's signatures, checked by its own library. https://docs.stripe.com/webhooks#verify-official-libraries"""

import json
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from billing.providers import secrets
from billing.providers.values import at, is_id, is_type, iso, part, verbatim
from billing.report import BadSignature, Delivery, Verified

TOLERANCE_SECONDS = 300
LONGEST_HEADER = 4096


def verify(delivery: Delivery) -> Verified:
    """Snapshot events and thin ones (`v2.core.event`), which name what they are about in another place. Raises BadSignature."""
    header = _header(delivery)
    keys = secrets.live(settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_PREVIOUS)
    key = secrets.signed_by(keys, lambda secret: _check(delivery.raw, header, secret))
    body = _body(delivery.raw)
    is_thin = body.get("object") == "v2.core.event"
    event_id, event_type = verbatim(body.get("id")), verbatim(body.get("type"))
    object_id = verbatim(part(body, "related_object", "id") if is_thin else part(body, "data", "object", "id"))
    if not (is_id(event_id) and is_type(event_type)) or (object_id and not is_id(object_id)):
        raise BadSignature("bad_body", _("It is signed, but no event of Stripe's."))
    created_at = iso(body.get("created")) if is_thin else at(body.get("created"))
    live_mode = body.get("livemode")
    return Verified(event_id, event_type, object_id, created_at, live_mode if isinstance(live_mode, bool) else None, True, key)


def _header(delivery: Delivery) -> str:
    header = delivery.headers.get("stripe-signature", "").strip()
    if not header:
        raise BadSignature("missing", _("It has no Stripe-Signature."))
    # The library compares text in constant time, which Python refuses for anything but ASCII.
    if not header.isascii() or len(header) > LONGEST_HEADER:
        raise BadSignature("malformed", _("Its Stripe-Signature is none."))
    return header


def _check(raw: bytes, header: str, secret: str) -> None:
    try:
        stripe.WebhookSignature.verify_header(raw, header, secret, TOLERANCE_SECONDS)
    except stripe.SignatureVerificationError:
        raise _why(raw, header, secret) from None
    except (UnicodeDecodeError, ValueError):
        raise BadSignature("malformed", _("Its body is no text, or its signature's time no number.")) from None


def _why(raw: bytes, header: str, secret: str) -> BadSignature:
    """The library says no in words only; asked once more without the time it tells whether that was it."""
    try:
        stripe.WebhookSignature.verify_header(raw, header, secret, None)
    except stripe.SignatureVerificationError:
        parts = [item.partition("=")[::2] for item in header.split(",")]
        is_whole = any(name == "t" and value.isdigit() for name, value in parts) and any(name == "v1" and value for name, value in parts)
        if is_whole:
            return BadSignature("mismatch", _("It is signed with another secret, or was changed on its way."))
        return BadSignature("malformed", _("Its Stripe-Signature has no time or no v1."))
    return BadSignature("too_old", _("It was signed more than %(seconds)s seconds ago.") % {"seconds": TOLERANCE_SECONDS})


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadSignature("bad_body", _("It is signed, but no JSON object."))
    return body

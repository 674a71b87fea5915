"""Mercado Pago's signatures. https://www.mercadopago.com.br/developers/en/docs/your-integrations/notifications/webhooks

The manifest and the comparison are its own library's. Its tolerance is not used, as it takes every time for seconds, and what would
make it fail instead of refuse is refused here before. A signature covers the id in the query string, the request's id and the time, not
the body: what it is about is taken from the query.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from mercadopago.webhook import InvalidWebhookSignatureError, SignatureFailureReason, WebhookSignatureValidator

from billing.providers import secrets
from billing.providers.values import is_id, is_type, iso, part, verbatim
from billing.report import BadSignature, Delivery, Verified
from opsportal import clock

# A delivery that was not answered is tried again for four days, and nothing public says that it is signed anew. A replay costs one
# question: the event is known by its id, and what is true is asked. One that is refused wrongly may cost a customer the plan.
TOLERANCE_SECONDS = 5 * 24 * 60 * 60
MILLISECONDS_FROM = 10**11
LONGEST_HEADER = 1000

LOWER_CASE = gettext_noop("The signature matched with the id in small letters.")
UNSIGNED = gettext_noop("Mercado Pago does not sign this kind; it proves nothing and was confirmed by asking.")
ID_NOT_SIGNED = gettext_noop("The address held no id, so the one in the body, which is not signed, was used.")

_FAILURES = {
    SignatureFailureReason.MISSING_SIGNATURE_HEADER: "missing",
    SignatureFailureReason.SIGNATURE_MISMATCH: "mismatch",
}


def verify(delivery: Delivery) -> Verified:
    """With a signature it must be right; without one it is kept unsigned. Raises BadSignature."""
    body = _body(delivery.raw)
    object_id, event_type = _object_id(delivery.query, body), _event_type(delivery.query, body)
    if not is_type(event_type) or not is_id(object_id):
        raise BadSignature("bad_body", _("It names nothing of Mercado Pago's."))
    signature = delivery.headers.get("x-signature", "").strip()
    signed_by, note = _signer(signature, delivery) if signature else ("", UNSIGNED)
    live_mode = body.get("live_mode")
    return Verified(
        event_id=_event_id(delivery, body, object_id, is_signed=bool(signature)),
        event_type=event_type,
        object_id=object_id,
        created_at=iso(body.get("date_created")),
        live_mode=live_mode if isinstance(live_mode, bool) else None,
        is_signed=bool(signature),
        signed_by=signed_by,
        note=note,
    )


def _signer(signature: str, delivery: Delivery) -> tuple[str, str]:
    """Which secret signed it, and what was unusual. The id counts as it came; some products sign it in small letters."""
    seconds = _signed_at(signature)
    keys = secrets.live(settings.MERCADOPAGO_WEBHOOK_SECRET, settings.MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS)
    data_id, request_id = delivery.query.get("data.id", ""), delivery.headers.get("x-request-id", "")
    note = "" if data_id else ID_NOT_SIGNED
    try:
        name = secrets.signed_by(keys, lambda secret: _check(signature, request_id, data_id, secret))
    except BadSignature as error:
        if error.reason != "mismatch" or data_id == data_id.lower():
            raise
        name, note = secrets.signed_by(keys, lambda secret: _check(signature, request_id, data_id.lower(), secret)), LOWER_CASE
    if abs(clock.now().timestamp() - seconds) > TOLERANCE_SECONDS:
        raise BadSignature("too_old", _("It was signed more than %(days)s days ago.") % {"days": TOLERANCE_SECONDS // 86400})
    return name, note


def _signed_at(signature: str) -> float:
    # The library compares text in constant time, which Python refuses for anything but ASCII.
    if not signature.isascii() or len(signature) > LONGEST_HEADER:
        raise BadSignature("malformed", _("Its x-signature is none."))
    pairs = (one.partition("=")[::2] for one in signature.split(","))
    stamps = [value.strip() for name, value in pairs if name.strip().lower() == "ts"]
    # Of several the library would check the last: an old signature could be sent with a new time before its own.
    if len(stamps) != 1 or not re.fullmatch(r"\d{1,16}", stamps[0]):
        raise BadSignature("malformed", _("Its x-signature has no time."))
    stamp = int(stamps[0])
    return stamp / 1000 if stamp > MILLISECONDS_FROM else stamp


def _check(signature: str, request_id: str, data_id: str, secret: str) -> None:
    try:
        WebhookSignatureValidator.validate(signature, request_id, data_id, secret)
    except InvalidWebhookSignatureError as error:
        reason = _FAILURES.get(error.reason, "malformed")
        words = _("It is signed with another secret, or its address was changed.") if reason == "mismatch" else _("Its x-signature is none.")
        raise BadSignature(reason, words) from None


def _body(raw: bytes) -> Mapping[str, Any]:
    """The older notifications may have none."""
    try:
        body = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadSignature("bad_body", _("Its body is no JSON object."))
    return body


def _object_id(query: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """From the query string, where it is signed; older notifications have it in other places."""
    named = query.get("data.id") or verbatim(part(body, "data", "id")) or query.get("id")
    return named or verbatim(body.get("resource")).rpartition("/")[2] or verbatim(body.get("id"))


def _event_type(query: Mapping[str, str], body: Mapping[str, Any]) -> str:
    """“payment.updated”, or the topic where the action says no more than that."""
    topic = verbatim(body.get("type") or query.get("type") or body.get("topic") or query.get("topic"))
    action = verbatim(body.get("action"))
    return action if topic and action.startswith(f"{topic}.") else topic


def _event_id(delivery: Delivery, body: Mapping[str, Any], object_id: str, *, is_signed: bool) -> str:
    """The notification's own id, where it has one of its own.

    Some carry what they are about as their id, the older ones none: each of those deliveries is an event. Unsigned ones are told
    apart, so that nobody can send an id in advance and have the true event taken for a repetition.
    """
    own = verbatim(body.get("id"))
    if own == object_id or not is_id(own) or len(own) > 180:
        query = json.dumps(sorted(delivery.query.items())).encode()
        own = hashlib.sha256(b"\0".join((delivery.raw, query, delivery.headers.get("x-request-id", "").encode()))).hexdigest()
    return own if is_signed else f"unsigned:{own}"

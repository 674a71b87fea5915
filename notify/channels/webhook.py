"""Signed JSON over HTTP, in the convention of Stripe: https://docs.stripe.com/webhooks#verify-manually"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notify.channels import Channel, Outcome, Parcel
from opsportal import clock, outgoing
from opsportal.errors import Invalid

LIMITS = outgoing.Limits(connect_seconds=5, total_seconds=15, most_bytes=2048, redirects=0)
# 401, 403 and 404 speak of how the receiver stands just now: in a deployment, or with a secret of before. Anything else between
# 400 and 499 is its word on this very message: it says the same next time.
WORTH_ANOTHER_TRY = frozenset({401, 403, 404, 408, 409, 421, 423, 424, 425, 429})


def check(address: str) -> str:
    try:
        return outgoing.checked_url(address)
    except outgoing.BadAddress as error:
        raise Invalid(str(error), field="address") from None


def shown(address: str) -> str:
    """Without a query: people put keys there."""
    return urlsplit(address)._replace(query="", fragment="").geturl()


def send(parcel: Parcel) -> Outcome:
    """POST the body as it is. 2xx is sent; a redirect is not followed, as the signed text belongs to the address it was given."""
    body = parcel.body.encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": parcel.key,
        "X-Ops-Message": parcel.message_id,
        "X-Ops-Topic": parcel.topic,
        "X-Ops-Signature": signature(body, parcel.secrets, at=int(clock.now().timestamp())),
    }
    try:
        answer = outgoing.call("POST", parcel.address, headers=headers, body=body, limits=LIMITS)
    except outgoing.BadAddress as error:
        return Outcome(False, error=str(error), again=False)
    except outgoing.Failed as error:
        return Outcome(False, error=str(error))
    return _outcome(answer)


def signature(body: bytes, secrets: Iterable[str], *, at: int) -> str:
    """`t=<seconds>,v1=<hex>` with one v1 for each secret: HMAC-SHA256 of "<t>.<body>"."""
    signed = f"{at}.".encode() + body
    return ",".join([f"t={at}", *(f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets)])


def retry_after(value: str) -> float | None:
    """Seconds from a Retry-After header (RFC 9110, 10.2.3): a number or a date; None for anything else."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - clock.now()).total_seconds())


def _outcome(answer: outgoing.Answer) -> Outcome:
    text = answer.text
    if 200 <= answer.status < 300:
        return Outcome(True, status=answer.status, answer=text)
    again = answer.status >= 500 or answer.status in WORTH_ANOTHER_TRY
    if 300 <= answer.status < 400:
        error = _("It answered %(status)s and pointed to another address, which is not followed. Change the address.")
    else:
        error = _("It answered %(status)s.") if again else _("It answered %(status)s. It would say the same again, so no more tries are made.")
    error %= {"status": answer.status}
    return Outcome(False, status=answer.status, answer=text, error=error, again=again, retry_after=retry_after(answer.headers.get("Retry-After", "")))


CHANNEL = Channel(
    "webhook", gettext_lazy("Webhook"), check, send, shown=shown, is_signed=True, help_text=gettext_lazy("Signed JSON, for example https://example.com/hooks/ops.")
)  # fmt: skip

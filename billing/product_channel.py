"""The outbox's channel to the product: POST {PRODUCT_BACKEND_URL}/internal/plans with the secret that the product knows us by."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Callback
from billing.settling.telling import CHANNEL as NAME
from notify.channels import Channel, Outcome, Parcel
from notify.channels.webhook import LIMITS, WORTH_ANOTHER_TRY, retry_after
from opsportal import clock, outgoing
from opsportal.errors import Invalid

PATH = "/internal/plans"
LONGEST_ANSWER = 300


def address() -> str:
    """Where the product is now, whatever it was when the message was owed; empty where nobody has said."""
    return f"{settings.PRODUCT_BACKEND_URL.rstrip('/')}{PATH}" if settings.PRODUCT_BACKEND_URL else ""


def check(_address: str) -> str:
    raise Invalid(_("The product's address is set with PRODUCT_BACKEND_URL, not here."), field="channel")


def shown(_address: str) -> str:
    return address() or str(_("no PRODUCT_BACKEND_URL"))


def send(parcel: Parcel) -> Outcome:
    """2xx: the product has it, which is noted with the callback. What is worth another try is as for webhooks."""
    if not address():
        return Outcome(False, error=_("PRODUCT_BACKEND_URL is empty, so nobody can be told."))
    headers = {"Content-Type": "application/json", "Idempotency-Key": parcel.key, "X-App-Backend-Secret": settings.APP_BACKEND_SECRET}
    try:
        answer = outgoing.call("POST", address(), headers=headers, body=parcel.body.encode(), limits=LIMITS)
    except outgoing.BadAddress as error:
        return Outcome(False, error=str(error), again=False)
    except outgoing.Failed as error:
        return Outcome(False, error=str(error))
    return _outcome(parcel, answer)


def _outcome(parcel: Parcel, answer: outgoing.Answer) -> Outcome:
    text = _without_secret(answer.text)
    if 200 <= answer.status < 300:
        kept = text.replace("\x00", "")[:LONGEST_ANSWER]
        Callback.objects.filter(key=parcel.key, confirmed_at=None).update(confirmed_at=clock.now(), answer=kept)
        return Outcome(True, status=answer.status, answer=text)
    again = answer.status >= 500 or answer.status in WORTH_ANOTHER_TRY
    error = (
        _("The product answered %(status)s.")
        if again
        else _("The product answered %(status)s. It would say the same again, so no more tries are made.")
    )
    wait = retry_after(answer.headers.get("Retry-After", ""))
    Callback.objects.filter(key=parcel.key, confirmed_at=None).update(answer=f"{answer.status} {text}".replace("\x00", "").strip()[:LONGEST_ANSWER])
    return Outcome(False, status=answer.status, answer=text, error=error % {"status": answer.status}, again=again, retry_after=wait)


def _without_secret(text: str) -> str:
    """A product that repeats what it was sent must not put the secret on our pages."""
    secret = settings.APP_BACKEND_SECRET
    return text.replace(secret, "…") if secret else text


CHANNEL = Channel(NAME, gettext_lazy("Product"), check, send, shown=shown, has_destinations=False)

"""From a provider's request to its answer. Nothing is processed here, and nobody is asked: see billing.processing."""

import time

import structlog
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _

from billing import providers
from billing.intake import telling, unsigned
from billing.intake.delivery import TooLarge, query_of, read
from billing.intake.keeping import keep
from billing.intake.refusing import refuse
from billing.report import BadSignature, Delivery, Verified
from opsportal.logs import client_ip
from opsportal.problem import problem

log = structlog.get_logger(__name__)

KEPT = b'{"received": true}'
KNOWN = b'{"received": true, "duplicate": true}'
# Seconds after which a provider may come again. Ours only says so: the providers have plans of their own.
SOON = 60


def answer(request: HttpRequest, provider: str) -> HttpResponse:
    """200 once it is kept, or was before. What is refused is counted and says why; a 503 asks to be sent again."""
    began = time.perf_counter()
    try:
        delivery = read(request)
    except TooLarge:
        refuse(provider, "too_large", ip=client_ip(request))
        return problem(request, 413, "too_large", _("The body is larger than 512 KB."))
    except (UnreadablePostError, SuspiciousOperation):
        return problem(request, 400, "unreadable_body", _("The request can't be read."))
    try:
        verified = providers.get(provider).verify(delivery)
    except BadSignature as error:
        refuse(provider, error.reason, delivery=delivery, query=query_of(request), ip=client_ip(request))
        return _refused(request, error)
    if not verified.is_signed and (refusal := _unsigned(request, provider, delivery)) is not None:
        return refusal
    return _kept(request, provider, delivery, verified, began)


def _kept(request: HttpRequest, provider: str, delivery: Delivery, verified: Verified, began: float) -> HttpResponse:
    try:
        event_pk = keep(provider, delivery, verified, query=query_of(request))
    except (OperationalError, InterfaceError) as error:
        log.error("billing.event_not_kept", provider=provider, event_id=verified.event_id, error=type(error).__name__)
        return _again(request, "unavailable", _("The database does not answer. Send it again."))
    if event_pk is None:
        return HttpResponse(KNOWN, content_type="application/json")
    answer_ms = round((time.perf_counter() - began) * 1000)
    transaction.on_commit(lambda: telling.tell_later(event_pk, answer_ms))
    return HttpResponse(KEPT, content_type="application/json")


def _refused(request: HttpRequest, error: BadSignature) -> HttpResponse:
    if error.reason == "no_secret":
        return _again(request, "no_secret", _("This portal has no secret for these webhooks yet. Send it again later."))
    if error.reason == "bad_body":
        return problem(request, 400, "bad_body", str(error))
    return problem(request, 401, "bad_signature", str(error), reason=error.reason)


def _unsigned(request: HttpRequest, provider: str, delivery: Delivery) -> HttpResponse | None:
    """None: it may be kept. Where there is no token, nothing unsigned could ever be confirmed."""
    if not providers.get(provider).is_configured():
        refuse(provider, "no_secret", delivery=delivery, query=query_of(request), ip=client_ip(request))
        return _again(request, "no_secret", _("This portal has no secret for these webhooks yet. Send it again later."))
    if not unsigned.may_be_taken(len(delivery.raw)):
        refuse(provider, "unsigned_flood", ip=client_ip(request))
        return problem(request, 429, "too_many", _("Too many unsigned notifications, or too large a one. Send it again later."), retry_after=SOON)
    return None


def _again(request: HttpRequest, code: str, words: str) -> HttpResponse:
    response = problem(request, 503, code, words)
    response["Retry-After"] = str(SOON)
    return response

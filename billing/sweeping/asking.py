"""Asking the provider about checkouts that wait for their payment: what no webhook told us is found all the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from audit.actors import Actor
from billing import providers
from billing.effects import Effect
from billing.models import Checkout, Finding, Payment
from billing.report import CouldNotAsk, Report
from billing.settling import Cause, CauseKind, settle
from billing.states import CheckoutState, FindingKind, PaymentState
from opsportal import clock

SYSTEM = Actor.system("billing-sweep")
# After its beginning; and once when its time is over, a little later, so that the provider has closed it too.
STEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24), timedelta(days=3))
AFTER_ITS_END = timedelta(minutes=5)
# A provider that could not be asked; and how long it is worth trying.
AGAIN = timedelta(minutes=15)
GIVEN_UP = timedelta(days=40)
# While the provider says otherwise, somebody may put that right over there.
WHILE_IT_DIFFERS = timedelta(hours=24)
# These may still be paid: a refused card is often followed by another one.
WAITING = (CheckoutState.OPEN, CheckoutState.PENDING, CheckoutState.FAILED)
# Of the provider, not of the checkout: the next question would fail as well.
OF_PROVIDER = frozenset({"no_token", "refused_token", "unreachable", "timeout", "too_many"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A report, or why there is none."""

    report: Report | None = None
    error: CouldNotAsk | None = None


def next_time(checkout: Checkout, after: datetime) -> datetime | None:
    """When it is to be asked about first after that moment; None: not any more."""
    times = [checkout.created_at + step for step in STEPS]
    if checkout.expires_at:
        times.append(checkout.expires_at + AFTER_ITS_END)
    return min((time for time in times if time > after), default=None)


def put_in_order() -> None:
    """What is decided needs no question; what has just begun has a while yet."""
    now = clock.now()
    differing = Finding.objects.filter(kind=FindingKind.PROVIDER_DIFFERS, closed_at=None).values("checkout_id")
    due = Checkout.objects.filter(ask_at__isnull=False)
    due.exclude(state__in=WAITING).exclude(pk__in=differing).update(ask_at=None)
    young = due.filter(asked_at=None, created_at__gt=now - STEPS[0], ask_at__lte=now)
    for checkout in young.only("created_at", "expires_at"):
        Checkout.objects.filter(pk=checkout.pk).update(ask_at=next_time(checkout, now))


def due(limit: int, after: tuple[datetime, int] | None = None) -> list[Checkout]:
    """The longest due first, behind (ask_at, number). Whatever was asked about is not due any more."""
    found = Checkout.objects.filter(ask_at__lte=clock.now())
    if after is not None:
        found = found.filter(TupleGreaterThan(Tuple(F("ask_at"), F("pk")), after))
    return list(found.order_by("ask_at", "pk")[: max(0, limit)])


def ask(checkout: Checkout) -> Answer:
    """Outside of any transaction."""
    payments = _payments(checkout).values_list("payment_id", flat=True)
    subscription = checkout.subscriptions.filter(provider=checkout.provider).order_by("-asked_at").values_list("subscription_id", flat=True).first()
    try:
        report = providers.get(checkout.provider).about_checkout(
            checkout_id=checkout.checkout_id, session_id=checkout.session_id, payment_ids=tuple(payments), subscription_id=subscription or ""
        )
    except CouldNotAsk as error:
        return Answer(error=error)
    return Answer(report)


@transaction.atomic
def take_over(checkout: Checkout, answer: Answer) -> Effect | None:
    """Settle what was said, and set the next time. None where there was no answer: then that is noted, and asked again."""
    if answer.report is None:
        assert answer.error is not None
        _put_off(checkout, answer.error)
        return None
    effect = settle(actor=SYSTEM, report=answer.report, cause=Cause(CauseKind.SWEEP))
    now = clock.now()
    differs = _keep_finding(checkout, list(said_otherwise(answer.report, _payments(checkout).order_by("pk"))))
    state = Checkout.objects.values_list("state", flat=True).get(pk=checkout.pk)
    later = now + WHILE_IT_DIFFERS if differs else next_time(checkout, now) if state in WAITING else None
    Checkout.objects.filter(pk=checkout.pk).update(asked_at=answer.report.asked_at, asked_times=checkout.asked_times + 1, ask_at=later)
    return effect


def _payments(checkout: Checkout) -> QuerySet[Payment]:
    """Those that its provider can know: a customer may have paid the same checkout elsewhere, too."""
    return Payment.objects.filter(checkout=checkout, provider=checkout.provider)


def said_otherwise(report: Report, payments: Any) -> Iterator[dict[str, Any]]:
    """What the provider says less or other of than we know for certain. Facts only move forward, so settling leaves it as it is."""
    said = {payment.id: payment for payment in report.payments}
    for ours in payments:
        theirs = said.get(ours.payment_id)
        facts = {"provider": report.provider, "payment": ours.payment_id, "currency": ours.currency}
        if theirs is None:
            if ours.state == PaymentState.APPROVED:
                yield facts | {"what": "unknown"}
        elif ours.base == PaymentState.APPROVED and theirs.state != PaymentState.APPROVED:
            yield facts | {"what": "state", "ours": ours.state, "said": theirs.state, "status": theirs.status}
        elif (ours.amount, ours.currency) != (theirs.amount, theirs.currency):
            yield facts | {"what": "amount", "ours": ours.amount, "said": theirs.amount, "said_currency": theirs.currency}


def _put_off(checkout: Checkout, error: CouldNotAsk) -> None:
    now = clock.now()
    later = next_time(checkout, now)
    if error.again and checkout.created_at > now - GIVEN_UP:
        later = now + AGAIN
    Checkout.objects.filter(pk=checkout.pk).update(ask_at=later)
    if error.code in OF_PROVIDER:
        Checkout.objects.filter(provider=checkout.provider, ask_at__lte=now).update(ask_at=now + AGAIN)
    log.warning("billing.could_not_ask", checkout=checkout.checkout_id, provider=checkout.provider, code=error.code, again=later)


def _keep_finding(checkout: Checkout, otherwise: list[dict[str, Any]]) -> bool:
    """Whether there is one now."""
    subject = {"kind": FindingKind.PROVIDER_DIFFERS, "subject": f"checkout:{checkout.pk}"}
    known = Finding.objects.filter(**subject, closed_at=None)
    if not otherwise:
        known.update(closed_at=clock.now(), closed_because="agrees")
        return False
    facts = {"checkout": checkout.checkout_id, **otherwise[0]}
    if not known.update(facts=facts):
        Finding.objects.create(**subject, checkout=checkout, amount=checkout.amount, currency=checkout.currency, facts=facts, since=clock.now())
    return True

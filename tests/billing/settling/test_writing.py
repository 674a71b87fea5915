"""settle(): what a provider says becomes what we have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from billing.effects import EffectKind, EffectReason, in_words
from billing.models import Callback, Grant, Payment
from billing.report import Report, ReportedCheckout, ReportedDispute, ReportedPayment, ReportedRefund
from billing.settling import Cause, CauseKind, settle
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from opsportal import clock
from tests.billing.factories import make_checkout, make_plan

pytestmark = pytest.mark.django_db

ACTOR = Actor.system("webhooks")
CAUSE = Cause(CauseKind.EVENT)
PAID = datetime(2026, 11, 19, 15, tzinfo=UTC)


def reported(payment_id: str = "pi_1", **fields: Any) -> ReportedPayment:
    known: dict[str, Any] = {
        "state": PaymentState.APPROVED, "status": "succeeded", "amount": 2990, "currency": "BRL", "reference": "chk_1", "created_at": PAID,
        "paid_at": PAID,
    }  # fmt: skip
    return ReportedPayment(**{"id": payment_id} | known | fields)


def report_of(*payments: ReportedPayment, minutes: int = 0, **fields: Any) -> Report:
    return Report("stripe", PAID + timedelta(minutes=minutes), payments=payments, **fields)


def settled(*payments: ReportedPayment, **fields: Any) -> Any:
    effect = settle(actor=ACTOR, report=report_of(*payments, **fields), cause=CAUSE)
    return effect.kind, effect.reason


def audited() -> list[str]:
    return list(AuditLog.objects.order_by("id").values_list("action_type", flat=True))


def test_payment_that_is_approved_gives_its_plan() -> None:
    checkout = make_checkout(checkout_id="chk_1", plan=make_plan(name="Plus", days=30))
    effect = settle(actor=ACTOR, report=report_of(reported()), cause=CAUSE)
    assert in_words(effect) == "Plan Plus granted until 19 December 2026."
    grant, payment = Grant.objects.get(), Payment.objects.get()
    assert (grant.starts_at, grant.until, grant.payment_id, grant.checkout_id) == (PAID, PAID + timedelta(days=30), payment.pk, checkout.pk)
    assert (effect.checkout_pk, effect.payment_pk) == (checkout.pk, payment.pk)
    checkout.refresh_from_db()
    assert (checkout.state, checkout.paid_at, payment.state, payment.confirmed_at) == ("paid", PAID, "approved", PAID)
    assert audited() == ["SETTLE_PAYMENT"]

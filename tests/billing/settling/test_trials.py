"""A subscription that began with nothing to pay: what its first invoice costs is no difference."""

from datetime import timedelta
from typing import Any

import pytest

from billing.effects import EffectKind, EffectReason
from billing.models import Callback, Checkout, Finding, Grant
from billing.reconciling import diagnose
from billing.states import PaymentState
from billing.sweeping.mismatches import look_at_everything
from opsportal import clock
from tests.billing.factories import make_checkout, make_plan
from tests.billing.reconciling.answers import answer, seen
from tests.billing.settling.test_writing import PAID, reported, running, settled

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)
INVOICE: dict[str, Any] = {"subscription_id": "sub_1", "invoice_id": "in_1", "period_start": PAID, "period_end": PAID + MONTH}


@pytest.fixture
def trial() -> Checkout:
    made = make_checkout(checkout_id="chk_1", session_id="cs_1", customer_key="hh-1", amount=0, plan=make_plan(), state="paid")
    assert Grant.objects.count() == 0
    return made


def test_first_invoice_after_a_trial_for_nothing_gives_its_period(trial: Checkout) -> None:
    assert settled(reported(**INVOICE)) == (EffectKind.GRANTED, None)
    assert running() == [("pi_1", PAID, PAID + MONTH)]
    Callback.objects.update(confirmed_at=clock.now())
    look_at_everything()
    assert Finding.objects.count() == 0
    assert diagnose(seen(trial, answer(trial, reported(**INVOICE)))).problems == ()


def test_first_invoice_that_was_not_given_is_owed(trial: Checkout) -> None:
    settled(reported(**INVOICE))
    Grant.objects.all().delete()
    Callback.objects.update(confirmed_at=clock.now())
    look_at_everything()
    assert list(Finding.objects.values_list("kind", flat=True)) == ["paid_without_plan"]


def test_first_invoice_after_a_trial_that_is_not_paid_gives_nothing(trial: Checkout) -> None:
    assert settled(reported(**INVOICE, state=PaymentState.REJECTED)) == (EffectKind.RECORDED, EffectReason.RENEWAL_UNPAID)
    assert running() == []


def test_payment_for_nothing_in_particular_is_still_compared(trial: Checkout) -> None:
    assert settled(reported()) == (EffectKind.NONE, EffectReason.AMOUNT_DIFFERS)

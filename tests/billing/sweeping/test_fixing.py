"""What is safe is mended without a person: only where that is switched on, only so many, never what a person has seen."""

from typing import Any

import pytest

from audit.models import AuditLog
from billing.models import Callback, Checkout, Finding, Grant
from billing.sweeping import fixing
from billing.sweeping.mismatches import look_at_changed
from opsportal import clock
from sandbox.providers.world import World
from tests.billing.factories import make_checkout, make_finding, make_grant, make_payment
from tests.billing.sweeping.test_mismatches import make_callback

pytestmark = pytest.mark.django_db


@pytest.fixture
def switched_on(settings: Any) -> None:
    settings.OPS_RECONCILE_AUTOMATICALLY = True


def unpaid_plan(world: World) -> Finding:
    """Paid there and here, and the plan is missing."""
    checkout = make_checkout(state="paid")
    Checkout.objects.filter(pk=checkout.pk).update(session_id=world.stripe.start_checkout(checkout.checkout_id, amount=2990))
    checkout.refresh_from_db()
    make_payment(checkout, payment_id=world.stripe.pay(checkout.session_id))
    look_at_changed()
    return Finding.objects.get(checkout=checkout)


def mend(finding: Finding) -> Finding:
    fixing.note(fixing.mend(finding))
    finding.refresh_from_db()
    return finding


def test_nothing_is_mended_by_default() -> None:
    make_finding()
    assert fixing.mendable(10) == []


@pytest.mark.usefixtures("switched_on")
def test_only_safe_kinds_that_no_person_has_seen_are_mended() -> None:
    wanted = [make_finding(facts={"why": ""}), make_finding(kind="state_differs"), make_finding(kind="product_not_told")]
    make_finding(kind="refunded_with_plan")
    make_finding(kind="amount_differs")
    make_finding(handled_at=clock.now())
    make_finding(make_checkout(handled_at=clock.now()))
    make_finding(closed_at=clock.now())
    make_finding(fix_tries=3)
    make_finding(facts={"why": "no_customer"})
    assert [one.pk for one in fixing.mendable(10)] == [one.pk for one in wanted]
    assert [one.pk for one in fixing.mendable(1, after=wanted[0].pk)] == [wanted[1].pk]
    assert fixing.mendable(0) == []


@pytest.mark.usefixtures("switched_on")
def test_plan_is_given_with_the_providers_agreement_and_the_finding_closes(world: World) -> None:
    finding = mend(unpaid_plan(world))
    assert (finding.closed_at is not None, finding.fix_tries, finding.fix_error) == (True, 1, "")
    assert Grant.objects.get().checkout_id == finding.checkout_id
    row = AuditLog.objects.get(action_type="RECONCILE_CHECKOUT")
    assert (row.actor_kind, row.actor_label) == ("system", "billing-sweep")
    assert row.reason.startswith("Mended by the sweep: Paid, plan not given, found ")


@pytest.mark.usefixtures("switched_on")
def test_provider_that_is_away_leaves_the_finding_with_the_reason(world: World) -> None:
    finding = unpaid_plan(world)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.stripe, "key", "sk_test_another")
        mend(finding)
    assert (finding.closed_at, finding.fix_tries, finding.fix_error) == (None, 1, "Could not ask: Stripe refuses the access token (401).")
    assert not Grant.objects.exists()


@pytest.mark.usefixtures("switched_on")
def test_plan_is_never_taken_away_by_the_sweep(world: World) -> None:
    finding = unpaid_plan(world)
    payment = finding.payment
    assert payment is not None
    make_grant(payment)
    world.stripe.refund(payment.payment_id)
    tried = fixing.mend(finding)
    assert tried.error == "What would have to be done takes a plan away: a person has to decide."
    assert Grant.objects.get().ended_at is None


@pytest.mark.usefixtures("switched_on")
def test_product_is_told_again_and_the_finding_waits_for_its_answer(settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = "https://product.example"
    checkout = make_checkout()
    make_callback(checkout.customer_key, checkout=checkout)
    look_at_changed()
    finding = mend(Finding.objects.get(kind="product_not_told"))
    assert (finding.closed_at, finding.fix_tries, finding.fix_error, finding.facts["sent"]) == (None, 1, "", True)
    assert AuditLog.objects.get(action_type="RESEND_CALLBACK").actor_label == "billing-sweep"
    Callback.objects.filter(pk=finding.facts["version"]).update(confirmed_at=clock.now())
    look_at_changed()
    finding.refresh_from_db()
    assert finding.closed_because == "confirmed"

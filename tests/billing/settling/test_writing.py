"""settle(): what a provider says becomes what we have."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from audit.actors import Actor
from audit.models import AuditLog
from billing.action_types import BillingAction
from billing.effects import EffectKind, EffectReason, in_words
from billing.models import Callback, Checkout, Dispute, Grant, Payment, Refund, Subscription
from billing.report import Report, ReportedCheckout, ReportedDispute, ReportedPayment, ReportedRefund, ReportedSubscription
from billing.settling import Cause, CauseKind, read_ours, settle
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from opsportal import clock
from tests.billing.factories import make_checkout, make_plan

ACTOR = Actor.system("webhooks")
CAUSE = Cause(CauseKind.EVENT)
NOW = clock.now().replace(microsecond=0)
PAID = NOW - timedelta(days=3)
MONTH = timedelta(days=30)
K, R = EffectKind, EffectReason


def reported(payment_id: str = "pi_1", **fields: Any) -> ReportedPayment:
    known: dict[str, Any] = {
        "state": PaymentState.APPROVED, "status": "succeeded", "amount": 2990, "currency": "BRL", "reference": "chk_1", "created_at": PAID,
        "paid_at": PAID,
    }  # fmt: skip
    return ReportedPayment(**{"id": payment_id} | known | fields)


def report_of(*payments: ReportedPayment, minutes: int = 0, **fields: Any) -> Report:
    return Report("stripe", PAID + timedelta(minutes=minutes), payments=payments, **fields)


def settled(*payments: ReportedPayment, **fields: Any) -> tuple[EffectKind, EffectReason | None]:
    effect = settle(actor=ACTOR, report=report_of(*payments, **fields), cause=CAUSE)
    return effect.kind, effect.reason


def refunded(amount: int = 2990, state: RefundState = RefundState.SUCCEEDED) -> ReportedPayment:
    return reported(refunds=(ReportedRefund("re_1", amount, "BRL", state, PAID),))


def disputed(state: DisputeState) -> ReportedPayment:
    return reported(disputes=(ReportedDispute("dp_1", 2990, "BRL", state, "fraudulent", PAID),))


def audited() -> list[str]:
    return list(AuditLog.objects.order_by("id").values_list("action_type", flat=True))


def running() -> list[tuple[str, datetime, datetime | None]]:
    return [(grant.payment.payment_id, grant.starts_at, grant.until) for grant in Grant.objects.filter(ended_at=None).order_by("starts_at")]  # type: ignore[union-attr]


def told() -> list[tuple[str, str | None]]:
    return [(one.payload["because"], one.payload["plan"]) for one in Callback.objects.order_by("version")]


@pytest.fixture
def checkout(db: None) -> Checkout:
    return make_checkout(checkout_id="chk_1", session_id="cs_1", customer_key="hh-1", email="", plan=make_plan(key="plus", name="Plus"))


def test_payment_that_is_approved_gives_its_plan(checkout: Checkout) -> None:
    effect = settle(actor=ACTOR, report=report_of(reported()), cause=CAUSE)
    payment = Payment.objects.get()
    assert (effect.kind, effect.reason, effect.checkout_pk, effect.payment_pk) == (K.GRANTED, None, checkout.pk, payment.pk)
    until = PAID + MONTH
    assert effect.facts == {
        "payment": "pi_1", "amount": 2990, "currency": "BRL", "plan": "Plus", "plan_key": "plus", "until": until.isoformat(),
    }  # fmt: skip
    assert running() == [("pi_1", PAID, until)]
    checkout.refresh_from_db()
    assert (checkout.state, checkout.paid_at, payment.state, payment.confirmed_at, payment.checkout_id) == (
        "paid",
        PAID,
        "approved",
        PAID,
        checkout.pk,
    )
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_type, row.entity_id) == ("SETTLE_PAYMENT", "checkout", "chk_1")
    assert (row.changes["checkout chk_1 state"], row.changes["payment pi_1 state"]) == (["open", "paid"], [None, "approved"])
    assert row.changes["plan plus state"] == [None, "granted"]
    assert told() == [("granted", "plus")]


def test_same_answer_again_changes_nothing(checkout: Checkout) -> None:
    settled(reported())
    assert settled(reported(), minutes=5) == (K.ALREADY, None)
    assert (audited(), told(), len(running())) == (["SETTLE_PAYMENT"], [("granted", "plus")], 1)
    # That it was confirmed once more is no change.
    assert Payment.objects.get().confirmed_at == PAID + timedelta(minutes=5)


def test_older_answer_changes_nothing(checkout: Checkout) -> None:
    settled(reported(), minutes=5)
    assert settled(reported(state=PaymentState.PENDING, status="processing", paid_at=None))[0] == K.ALREADY
    assert (Payment.objects.get().status, len(audited())) == ("succeeded", 1)


def test_act_and_reason_of_the_cause_stand_in_the_audit_log(checkout: Checkout) -> None:
    cause = Cause(CauseKind.RECONCILE, event_pk=7, reason="customer wrote", action_type=BillingAction.RECONCILE_CHECKOUT)
    settle(actor=ACTOR, report=report_of(reported()), cause=cause)
    row = AuditLog.objects.get()
    assert (row.action_type, row.reason, row.changes["webhook event"]) == ("RECONCILE_CHECKOUT", "customer wrote", [None, 7])


@pytest.mark.parametrize(
    ("changes", "said", "reason"),
    [
        ({"customer_key": ""}, {}, R.NO_CUSTOMER),
        ({"plan": None}, {}, R.NO_PLAN),
        ({}, {"amount": 2989}, R.AMOUNT_DIFFERS),
        ({}, {"currency": "USD"}, R.CURRENCY_DIFFERS),
    ],
)
def test_payment_that_gives_no_plan_says_why(checkout: Checkout, changes: dict[str, Any], said: dict[str, Any], reason: EffectReason) -> None:
    Checkout.objects.update(**changes)
    assert settled(reported(**said)) == (K.NONE, reason)
    assert settled(reported(**said), minutes=1) == (K.NONE, reason)
    checkout.refresh_from_db()
    assert (checkout.state, running(), len(audited()), told()) == ("paid", [], 1, [])


@pytest.mark.parametrize(
    ("state", "reason", "page"),
    [("pending", R.PAYMENT_PENDING, "pending"), ("rejected", R.PAYMENT_REJECTED, "failed"), ("cancelled", R.PAYMENT_CANCELLED, "failed")],
)
def test_payment_that_is_not_paid_is_recorded(checkout: Checkout, state: str, reason: EffectReason, page: str) -> None:
    assert settled(reported(state=PaymentState(state), paid_at=None)) == (K.RECORDED, reason)
    assert settled(reported(state=PaymentState(state), paid_at=None)) == (K.ALREADY, reason)
    assert (Checkout.objects.get().state, running()) == (page, [])


def test_expired_checkout_that_is_paid_late_counts(checkout: Checkout) -> None:
    page = ReportedCheckout("cs_1", CheckoutState.EXPIRED, "expired/unpaid", 2990, "BRL", reference="chk_1")
    assert settled(checkout=page) == (K.RECORDED, R.CHECKOUT_EXPIRED)
    assert Checkout.objects.get().state == "expired"
    assert settled(reported(), checkout=page, minutes=1) == (K.GRANTED, None)
    assert Checkout.objects.get().state == "paid"


def test_refunded_payment_ends_its_plan_and_gets_it_back_when_the_refund_fails(checkout: Checkout) -> None:
    settled(reported())
    assert settled(refunded(990), minutes=1) == (K.RECORDED, R.REFUNDED_IN_PART)
    assert (Payment.objects.get().refunded, len(running())) == (990, 1)
    assert settled(refunded(2990), minutes=2) == (K.ENDED, R.NO_LONGER_PAID)
    grant, payment = Grant.objects.get(), Payment.objects.get()
    assert (grant.ended_because, payment.state, payment.refunded, Refund.objects.get().state) == ("refunded", "refunded", 2990, "succeeded")
    assert settled(refunded(2990, RefundState.FAILED), minutes=3) == (K.RESTORED, None)
    assert running() == [("pi_1", PAID, PAID + MONTH)]
    assert (told(), Refund.objects.get().state) == ([("granted", "plus"), ("ended", None), ("restored", "plus")], "failed")


def test_lost_dispute_ends_the_plan_and_a_won_one_gives_it_back(checkout: Checkout) -> None:
    settled(reported())
    assert settled(disputed(DisputeState.OPEN), minutes=1) == (K.RECORDED, R.DISPUTE_OPEN)
    assert settled(disputed(DisputeState.LOST), minutes=2) == (K.ENDED, R.NO_LONGER_PAID)
    assert Grant.objects.get().ended_because == "charged_back"
    assert settled(disputed(DisputeState.WON), minutes=3) == (K.RESTORED, None)
    assert (Dispute.objects.get().state, Payment.objects.get().state) == ("won", "approved")


def test_plan_that_a_person_ended_is_not_given_back(checkout: Checkout) -> None:
    settled(reported())
    Grant.objects.update(ended_at=clock.now(), ended_because="hand")
    assert settled(reported("pi_2"), minutes=1) == (K.NONE, R.ENDED_BY_HAND)
    assert running() == []


def test_second_payment_of_a_checkout_gives_no_second_plan_until_the_first_no_longer_stands(checkout: Checkout) -> None:
    settled(reported())
    assert settled(reported("pi_2", paid_at=PAID + timedelta(hours=1))) == (K.NONE, R.PAID_TWICE)
    assert settled(refunded(), minutes=1) == (K.GRANTED, None)
    assert running() == [("pi_2", PAID + timedelta(hours=1), PAID + timedelta(hours=1) + MONTH)]


def test_next_payment_of_the_same_plan_begins_where_the_customers_plan_ends(checkout: Checkout) -> None:
    make_checkout(checkout_id="chk_2", customer_key="hh-1", plan=checkout.plan)
    later = PAID + timedelta(days=2)
    # The second payment is heard of first.
    settled(reported("pi_2", reference="chk_2", paid_at=later))
    settled(reported())
    assert running() == [("pi_1", PAID, PAID + MONTH), ("pi_2", PAID + MONTH, PAID + 2 * MONTH)]
    assert Callback.objects.latest("version").payload["valid_until"] == (PAID + 2 * MONTH).isoformat()
    # What is left of the first one is no gap.
    settled(refunded(), minutes=1)
    assert running() == [("pi_2", later, later + MONTH)]


def test_renewal_gives_the_invoices_period_whatever_it_costs(checkout: Checkout) -> None:
    first: dict[str, Any] = {"subscription_id": "sub_1", "invoice_id": "in_1", "period_start": PAID - MONTH, "period_end": PAID}
    settled(reported(**first))
    renewal: dict[str, Any] = {"subscription_id": "sub_1", "invoice_id": "in_2", "period_start": PAID, "period_end": PAID + MONTH, "amount": 1990}
    assert settled(reported("pi_2", state=PaymentState.REJECTED, **renewal)) == (K.RECORDED, R.RENEWAL_UNPAID)
    assert settled(reported("pi_2", **renewal), minutes=1) == (K.GRANTED, None)
    assert settled(reported("pi_3", **renewal | {"invoice_id": "in_3", "currency": "USD", "period_start": PAID + MONTH})) == (
        K.NONE,
        R.CURRENCY_DIFFERS,
    )
    assert running() == [("pi_1", PAID - MONTH, PAID), ("pi_2", PAID, PAID + MONTH)]


def test_payment_of_an_unknown_checkout_is_kept(db: None) -> None:
    assert settled(reported()) == (K.NONE, R.NO_CHECKOUT)
    payment, row = Payment.objects.get(), AuditLog.objects.get()
    assert (payment.checkout, payment.reference, row.entity_type, row.entity_id) == (None, "chk_1", "payment", "pi_1")
    assert settled(reported()) == (K.NONE, R.NO_CHECKOUT)
    assert len(audited()) == 1


def test_payment_without_a_reference_is_found_by_its_page(checkout: Checkout) -> None:
    assert settled(reported(reference="", session_id="cs_1")) == (K.GRANTED, None)


def test_payment_that_names_another_checkout_is_left_to_that_one(checkout: Checkout) -> None:
    Checkout.objects.update(session_id="")
    assert settled(reported(), reported("pi_2", reference="chk_2")) == (K.GRANTED, None)
    assert list(Payment.objects.order_by("payment_id").values_list("payment_id", "checkout_id")) == [("pi_1", checkout.pk), ("pi_2", None)]


def test_page_that_another_checkout_has_is_not_taken(checkout: Checkout) -> None:
    other = make_checkout(session_id="")
    page = ReportedCheckout("cs_1", CheckoutState.OPEN, "open", 2990, "BRL", reference=other.checkout_id)
    settled(checkout=page)
    assert Checkout.objects.get(pk=other.pk).session_id == ""


def test_subscription_is_as_it_last_said(checkout: Checkout) -> None:
    said = ReportedSubscription("sub_1", "active", reference="chk_1", current_period_end=PAID + MONTH)
    assert settled(subscription=said, minutes=5) == (K.RECORDED, R.SUBSCRIPTION_CHANGED)
    assert settled(subscription=replace(said, status="past_due"), minutes=1)[0] == K.ALREADY
    assert settled(subscription=replace(said, status="canceled", ended_at=PAID), minutes=9) == (K.RECORDED, R.SUBSCRIPTION_CHANGED)
    found = Subscription.objects.get()
    assert (found.status, found.ended_at, found.checkout) == ("canceled", PAID, checkout)


def test_subscription_that_was_heard_of_first_finds_its_checkout(db: None) -> None:
    said = ReportedSubscription("sub_1", "active", reference="chk_1")
    assert settled(subscription=said) == (K.NONE, R.NO_CHECKOUT)
    made = make_checkout(checkout_id="chk_1")
    assert settled(subscription=said, minutes=1) == (K.RECORDED, R.SUBSCRIPTION_CHANGED)
    assert (Subscription.objects.get().checkout, len(audited())) == (made, 2)


def test_reading_our_side_takes_a_set_number_of_queries(checkout: Checkout) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            read_ours(checkout_pk=checkout.pk, report=report_of(reported()))
        return len(seen)

    settled(reported())
    few = queries()
    settled(
        *(
            replace(refunded(10), id=f"pi_{number}", refunds=(ReportedRefund(f"re_{number}", 10, "BRL", RefundState.SUCCEEDED, PAID),))
            for number in range(5)
        )
    )
    assert queries() == few <= 12


def test_nothing_of_it_stays_when_the_callers_transaction_fails(checkout: Checkout) -> None:
    with transaction.atomic():
        settled(reported())
        transaction.set_rollback(True)
    assert (Payment.objects.count(), running(), audited(), told()) == (0, [], [], [])


@pytest.mark.parametrize("is_known", [True, False])
def test_two_that_hear_of_a_payment_at_once_give_one_plan(transactional_db: None, is_known: bool) -> None:
    if is_known:
        make_checkout(checkout_id="chk_1", plan=make_plan())
    # Without a reference nothing is locked before the row is there.
    payment = reported(reference="chk_1" if is_known else "")
    ready, effects = threading.Barrier(3, timeout=60), []

    def hear() -> None:
        try:
            ready.wait()
            effects.append(settled(payment)[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hear) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wanted = [K.ALREADY, K.ALREADY, K.GRANTED] if is_known else [K.NONE] * 3
    assert sorted(effects) == sorted(wanted)
    assert (Payment.objects.count(), Grant.objects.count(), Callback.objects.count(), len(audited())) == (1, int(is_known), int(is_known), 1)


def test_effect_is_a_sentence(checkout: Checkout) -> None:
    paid = datetime.fromisoformat("2026-11-19T15:00:00+00:00")
    effect = settle(actor=ACTOR, report=report_of(reported(paid_at=paid, created_at=paid)), cause=CAUSE)
    assert in_words(effect) == "Plan Plus granted until 19 December 2026."

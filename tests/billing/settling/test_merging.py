"""Whatever is merged, in whatever order and however often: it comes to the same."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis

from billing.report import Report, ReportedCheckout, ReportedSubscription
from billing.settling.facts import CheckoutFacts, DisputeFacts, PaymentFacts, RefundFacts
from billing.settling.merging import merge_checkout, merge_payment, merge_subscription
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from tests.billing.settling.reports import BEGAN, facts

KNOWN = PaymentFacts("stripe", "pi_1", PaymentState.APPROVED, 2990, "BRL", BEGAN, status="succeeded", paid_at=BEGAN)


@given(facts, facts, facts)
@hypothesis(max_examples=100, deadline=None)
def test_merging_is_commutative_associative_and_idempotent(a: PaymentFacts, b: PaymentFacts, c: PaymentFacts) -> None:
    assert merge_payment(a, b) == merge_payment(b, a)
    assert merge_payment(merge_payment(a, b), c) == merge_payment(a, merge_payment(b, c))
    assert merge_payment(a, a) == a == merge_payment(None, a)


@given(facts, facts)
@hypothesis(max_examples=50, deadline=None)
def test_merging_again_changes_nothing(a: PaymentFacts, b: PaymentFacts) -> None:
    both = merge_payment(a, b)
    assert merge_payment(both, a) == both == merge_payment(both, b)


def test_amount_is_the_latest_until_the_payment_is_approved() -> None:
    later = replace(KNOWN, base=PaymentState.PENDING, amount=1000, asked_at=BEGAN + timedelta(hours=1))
    pending = replace(KNOWN, base=PaymentState.PENDING)
    assert merge_payment(pending, later).amount == 1000
    assert merge_payment(KNOWN, later).amount == 2990


def test_providers_words_are_the_latest_ones() -> None:
    later = replace(KNOWN, status="refunded", asked_at=BEGAN + timedelta(hours=1))
    assert merge_payment(later, KNOWN) == merge_payment(KNOWN, later) == later


def refund(name: str, amount: int, state: RefundState = RefundState.SUCCEEDED) -> RefundFacts:
    return RefundFacts(name, amount, "BRL", state)


def dispute(name: str, state: DisputeState) -> DisputeFacts:
    return DisputeFacts(name, 2990, "BRL", state)


@pytest.mark.parametrize(
    ("base", "refunds", "disputes", "state"),
    [
        ("approved", (), (), "approved"),
        ("approved", (refund("a", 1000),), (), "approved"),
        ("approved", (refund("a", 1000), refund("b", 1990, RefundState.PENDING)), (), "refunded"),
        ("approved", (refund("a", 2990, RefundState.FAILED),), (), "approved"),
        ("approved", (), (dispute("a", DisputeState.OPEN),), "approved"),
        ("approved", (), (dispute("a", DisputeState.LOST),), "charged_back"),
        ("approved", (), (dispute("a", DisputeState.WON),), "approved"),
        ("approved", (refund("r", 2990),), (dispute("a", DisputeState.LOST),), "charged_back"),
        ("approved", (refund("r", 2990),), (dispute("a", DisputeState.WON),), "refunded"),
        ("approved", (), (dispute("a", DisputeState.WON), dispute("b", DisputeState.LOST)), "charged_back"),
        ("pending", (), (), "pending"),
        ("rejected", (), (), "rejected"),
    ],
)
def test_state_is_what_refunds_and_disputes_make_of_it(
    base: str, refunds: tuple[RefundFacts, ...], disputes: tuple[DisputeFacts, ...], state: str
) -> None:
    assert replace(KNOWN, base=PaymentState(base), refunds=refunds, disputes=disputes).state == state


def test_payment_of_nothing_stands() -> None:
    assert replace(KNOWN, amount=0).stands


def test_dispute_that_was_won_stays_won() -> None:
    lost, won = replace(KNOWN, disputes=(dispute("a", DisputeState.LOST),)), replace(KNOWN, disputes=(dispute("a", DisputeState.WON),))
    assert merge_payment(won, lost).disputes == won.disputes


def page(state: CheckoutState, **fields: object) -> Report:
    said = ReportedCheckout(id="cs_1", state=state, status="x", amount=2990, currency="BRL", created_at=BEGAN, email="a@example.com", **fields)  # type: ignore[arg-type]
    return Report("stripe", BEGAN + timedelta(hours=1), checkout=said)


@pytest.mark.parametrize(
    ("known", "said", "bases", "state"),
    [
        ("open", None, ["pending"], "pending"), ("open", None, ["rejected"], "failed"), ("open", "expired", [], "expired"),
        ("expired", None, ["approved"], "paid"), ("paid", "expired", [], "paid"), ("failed", "open", ["pending"], "failed"),
        ("open", "open", ["rejected", "approved"], "paid"),
    ],
)  # fmt: skip
def test_checkout_only_goes_forward(known: str, said: str | None, bases: list[str], state: str) -> None:
    payments = [replace(KNOWN, payment_id=f"pi_{base}", base=PaymentState(base)) for base in bases]
    merged = merge_checkout(
        CheckoutFacts(CheckoutState(known), paid_at=BEGAN if known == "paid" else None), page(CheckoutState(said)) if said else None, payments
    )
    assert (merged.state, merged.paid_at) == (state, BEGAN if state == "paid" else None)


def test_checkout_takes_only_what_it_lacks() -> None:
    known = CheckoutFacts(CheckoutState.OPEN, email="own@example.com")
    merged = merge_checkout(known, page(CheckoutState.OPEN, customer_id="cus_1"), [])
    assert (merged.email, merged.session_id, merged.provider_customer_id) == ("own@example.com", "cs_1", "cus_1")


def test_checkout_of_which_nothing_was_due_is_paid_since_it_began() -> None:
    assert merge_checkout(CheckoutFacts(CheckoutState.OPEN), page(CheckoutState.PAID), []).paid_at == BEGAN


def test_of_two_answers_about_a_subscription_the_later_question_counts() -> None:
    first = Report("stripe", BEGAN, subscription=ReportedSubscription("sub_1", "active"))
    second = Report("stripe", BEGAN + timedelta(hours=1), subscription=ReportedSubscription("sub_1", "past_due"))
    known, later = merge_subscription(None, first), merge_subscription(None, second)
    assert merge_subscription(known, second) == later == merge_subscription(later, first)
    assert merge_subscription(known, None) == known

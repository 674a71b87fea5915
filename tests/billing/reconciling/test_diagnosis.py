"""Every kind of disagreement, in words: what is wrong, why, what would put it right or why nothing can."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.models import Callback, Checkout, Refund
from billing.reconciling.diagnosis import Diagnosis, diagnose
from billing.reconciling.problem import Level, Row, Side
from billing.reconciling.shape import Asked
from billing.report import ReportedDispute, ReportedRefund
from billing.states import CheckoutState, DisputeState, FindingKind, PaymentState, RefundState
from opsportal import clock
from tests.billing.factories import make_checkout, make_event, make_grant, make_payment, make_plan
from tests.billing.reconciling.answers import answer, said_of, same_as, seen

pytestmark = pytest.mark.django_db

K = FindingKind
HOUR = timedelta(hours=1)
Case = Callable[[], Diagnosis]


def checkout_of(**fields: Any) -> Checkout:
    known = {"checkout_id": "chk_1", "customer_key": "hh_1", "plan": make_plan(key="plus", name="Plus"), "state": "paid"}
    return make_checkout(**known | fields)


def event_before_its_customer() -> Diagnosis:
    came = clock.now() - HOUR
    checkout = checkout_of(linked_at=came + timedelta(seconds=23))
    payment = make_payment(checkout, payment_id="pi_1")
    make_event(
        event_id="evt_1", checkout=checkout, payment=payment, state="done", effect="none", effect_reason="no_customer",
        received_at=came,
    )  # fmt: skip
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def event_never_came() -> Diagnosis:
    checkout = checkout_of(state="open")
    return diagnose(seen(checkout, answer(checkout, said_of(checkout, id="pi_1"))))


def event_waits() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1")
    make_event(event_id="evt_1", object_id="pi_1", checkout=checkout, state="person", attempts=8, error="Stripe can't be reached.")
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def nobody_to_give_to() -> Diagnosis:
    checkout = checkout_of(customer_key="", linked_at=None)
    payment = make_payment(checkout, payment_id="pi_1")
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def refunded_with_plan() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1", refunded=2990, state="refunded")
    Refund.objects.create(payment=payment, refund_id="re_1", amount=2990, currency="BRL", state="succeeded", at=clock.now() - HOUR)
    make_grant(payment)
    refund = ReportedRefund("re_1", 2990, "BRL", RefundState.SUCCEEDED, clock.now() - HOUR)
    return diagnose(seen(checkout, answer(checkout, same_as(payment, refunds=(refund,)))))


def plan_without_payment() -> Diagnosis:
    checkout = checkout_of(state="pending")
    payment = make_payment(checkout, payment_id="pi_1", base="pending", state="pending", paid_at=None)
    make_grant(payment)
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def grant_of_nothing() -> Diagnosis:
    checkout = checkout_of(state="open")
    make_grant(checkout=checkout, customer_key="hh_1", plan=checkout.plan)
    return diagnose(seen(checkout, answer(checkout)))


def too_little() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1", amount=1990)
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def other_currency() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1", currency="USD")
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def paid_twice() -> Diagnosis:
    checkout = checkout_of(paid_at=clock.now() - 3 * HOUR)
    first, second = make_payment(checkout, payment_id="pi_1", paid_at=clock.now() - 2 * HOUR), make_payment(checkout, payment_id="pi_2")
    make_grant(first)
    return diagnose(seen(checkout, answer(checkout, same_as(first), same_as(second))))


def not_tied() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(None, payment_id="pi_1", reference="chk_1")
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


def state_differs() -> Diagnosis:
    checkout = checkout_of(state="pending")
    payment = make_payment(checkout, payment_id="pi_1")
    make_grant(payment)
    return diagnose(seen(checkout, answer(checkout, same_as(payment), state=CheckoutState.OPEN)))


def paid_and_no_payment() -> Diagnosis:
    checkout = checkout_of()
    return diagnose(seen(checkout, answer(checkout, state=CheckoutState.OPEN)))


def provider_differs() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1")
    make_grant(payment)
    dispute = ReportedDispute("dp_1", 2990, "BRL", DisputeState.OPEN, "fraudulent", clock.now() - HOUR)
    return diagnose(seen(checkout, answer(checkout, same_as(payment, disputes=(dispute,)))))


def product_not_told() -> Diagnosis:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1")
    make_grant(payment)
    Callback.objects.create(customer_key="hh_1", checkout=checkout, key="k", payload={"plan": "plus"})
    return diagnose(seen(checkout, answer(checkout, same_as(payment))))


# What is built, the kinds in it, the headline, a sentence that must be there, what the button says or why there is none.
CASES: list[tuple[Case, tuple[FindingKind, ...], str, str, str]] = [
    (
        event_before_its_customer, (K.PAID_WITHOUT_PLAN, K.EVENT_WITHOUT_EFFECT), "Paid, plan not given",
        "The event came 23 s before the checkout was linked to its customer, so there was nobody to give the plan to."
        " It was answered 200, and a 200 is never sent again.", "Give plan Plus",
    ),
    (
        event_never_came, (K.PAID_WITHOUT_PLAN, K.PROVIDER_DIFFERS), "Paid, plan not given",
        "No event about it has come here: the provider has not sent it yet, or it was lost on the way.", "Give plan Plus",
    ),
    (
        event_waits, (K.PAID_WITHOUT_PLAN, K.EVENT_NEEDS_PERSON), "Paid, plan not given",
        "Event evt_1 was tried 8 times and waits for a person: Stripe can't be reached.", "Give plan Plus",
    ),
    (
        nobody_to_give_to, (K.PAID_WITHOUT_PLAN,), "Paid, and nobody to give the plan to",
        "The provider, our checkout and our payment agree on R$29.90. The customer has no plan.",
        "First the product has to say whose checkout it is. As soon as it does, the plan is given by itself.",
    ),
    (
        too_little, (K.AMOUNT_DIFFERS,), "Another amount was paid", "pi_1 paid R$19.90, and the checkout is for R$29.90: R$10.00 too little.",
        "A person decides: give the plan by hand, or refund the payment at the provider.",
    ),
    (
        other_currency, (K.CURRENCY_DIFFERS,), "Paid in another currency", "pi_1 paid $29.90, and the checkout is for R$29.90.",
        "A person decides: give the plan by hand, or refund the payment at the provider.",
    ),
    (
        paid_twice, (K.PAID_TWICE,), "Paid twice", "2 payments stand for it: pi_1, pi_2, R$29.90 + R$29.90.",
        "Refund what was paid too much at the provider. The portal refunds nothing by itself; the plan stays as long as one payment stands.",
    ),
    (
        plan_without_payment, (K.PLAN_WITHOUT_PAYMENT,), "Plan given without a payment", "and that is pending: no money came.", "End plan Plus",
    ),
    (
        grant_of_nothing, (K.PLAN_WITHOUT_PAYMENT,), "Plan given without a payment", "and no payment stands behind it.",
        "Nobody can say which payment it was for. End it by hand, or leave it and write why.",
    ),
    (
        not_tied, (K.PAID_WITHOUT_PLAN, K.PAYMENT_WITHOUT_CHECKOUT), "Paid, plan not given",
        "pi_1 of R$29.90 names this checkout, and is not tied to it: it came before the checkout was recorded.", "Give plan Plus",
    ),
    (state_differs, (K.STATE_DIFFERS,), "Checkout and payment disagree", "our checkout still says “payment pending”.", "Take over what the provider says"),
    (
        paid_and_no_payment, (K.STATE_DIFFERS,), "Paid, and no payment for it", "and no payment of it was ever approved.",
        "The provider has no approved payment either, and what was paid once is never unpaid by itself. Look at how the checkout came to be paid.",
    ),
    (provider_differs, (K.PROVIDER_DIFFERS,), "The provider says otherwise", "It has a dispute dp_1 about R$29.90", "Take over what the provider says"),
    (refunded_with_plan, (K.REFUNDED_WITH_PLAN,), "Refunded, plan still there", "pi_1 of R$29.90 is refunded, and Plus that it paid for goes on", "End plan Plus"),
    (
        product_not_told, (K.PRODUCT_NOT_TOLD,), "The product has not confirmed", "no address of the product is set.",
        "Nothing here is to be changed: the product has to take it. Tell it again.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "kinds", "headline", "sentence", "then"), CASES, ids=[case[0].__name__ for case in CASES])
def test_each_disagreement_has_its_words_and_what_to_do(case: Case, kinds: Any, headline: str, sentence: str, then: str) -> None:
    found = case()
    assert (found.kinds, found.headline) == (kinds, headline)
    assert sentence in " ".join(found.sentences)
    assert (found.proposal.act if found.proposal else found.why_not) == then


def test_every_kind_has_a_case() -> None:
    assert {kind for case in CASES for kind in case[1]} == set(FindingKind)


def test_what_is_in_order_is_ok_only_once_the_provider_has_said_so() -> None:
    checkout = checkout_of()
    payment = make_payment(checkout)
    make_grant(payment)
    told = answer(checkout, same_as(payment))
    fine = diagnose(seen(checkout, told))
    assert (fine.level, fine.headline, fine.proposal, fine.problems) == (Level.OK, "All sides agree", None, ())
    away = diagnose(seen(checkout, Asked(at=clock.now(), code="unreachable", words="Stripe can't be reached.")))
    assert (away.level, away.headline) == (Level.UNKNOWN, "Our sides agree; the provider could not be asked")
    assert away.sentences == ("Could not ask: Stripe can't be reached. What the provider has is unknown, and is not guessed.",)
    unasked = diagnose(seen(checkout, Asked(code="not_asked")))
    assert (unasked.level, unasked.headline) == (Level.UNKNOWN, "Our sides agree; the provider was not asked")


def test_nothing_is_proposed_without_the_providers_answer() -> None:
    checkout = checkout_of()
    make_payment(checkout)
    found = diagnose(seen(checkout, Asked(at=clock.now(), code="timeout", words="Stripe did not answer in time.")))
    assert (found.kinds, found.proposal) == ((K.PAID_WITHOUT_PLAN,), None)
    assert found.why_not == "Nothing is changed without the provider's answer. Read again in a while."


def test_the_dry_run_says_before_and_after_and_whether_something_is_taken_away() -> None:
    given, taken = event_before_its_customer().proposal, None
    assert given is not None
    assert [(row.label, row.before) for row in given.rows] == [("plan Plus: state", None), ("plan Plus: from", None), ("plan Plus: until", None)]
    assert (given.rows[0].after, given.is_safe, given.places, given.same) == ("given", True, 1, "checkout, payment")
    Checkout.objects.filter(checkout_id="chk_1").update(checkout_id="chk_0")
    taken = _taken()
    assert taken is not None
    assert ([(row.label, row.before, row.after) for row in taken.rows], taken.is_safe) == ([("plan Pro: state", "given", "ended")], False)


def _taken() -> Any:
    checkout = make_checkout(plan=make_plan(name="Pro"), state="pending")
    payment = make_payment(checkout, base="rejected", state="rejected", paid_at=None)
    make_grant(payment)
    checkout.state = "failed"
    checkout.save()
    return diagnose(seen(checkout, answer(checkout, same_as(payment)))).proposal


def test_the_side_that_disagrees_is_marked_in_its_row() -> None:
    found = event_before_its_customer()
    assert {(side, row): mark.level for (side, row), mark in found.marks.items()} == {
        (Side.PLAN, Row.STATE): Level.FAIL, (Side.PLAN, Row.AMOUNT): Level.FAIL, (Side.EVENTS, Row.STATE): Level.WARN,
        (Side.EVENTS, Row.CUSTOMER): Level.WARN,
    }  # fmt: skip
    assert (found.level_of(Side.PLAN), found.level_of(Side.EVENTS), found.level_of(Side.PROVIDER)) == (Level.FAIL, Level.WARN, Level.OK)


def test_what_hangs_over_a_plan_that_stays_is_said() -> None:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1", refunded=1000)
    Refund.objects.create(payment=payment, refund_id="re_1", amount=1000, currency="BRL", state="succeeded", at=clock.now() - HOUR)
    make_grant(payment)
    refund = ReportedRefund("re_1", 1000, "BRL", RefundState.SUCCEEDED, clock.now() - HOUR)
    found = diagnose(seen(checkout, answer(checkout, same_as(payment, refunds=(refund,)))))
    assert (found.level, found.sentences[-1]) == (Level.OK, "R$10.00 of R$29.90 was refunded; the plan stays.")


def test_a_plan_that_ended_with_its_payment_is_no_given_plan() -> None:
    checkout = checkout_of()
    payment = make_payment(checkout, payment_id="pi_1", refunded=2990, state="refunded")
    Refund.objects.create(payment=payment, refund_id="re_1", amount=2990, currency="BRL", state="succeeded", at=clock.now() - HOUR)
    make_grant(payment, ended_at=clock.now() - HOUR, ended_because="refunded")
    refund = ReportedRefund("re_1", 2990, "BRL", RefundState.SUCCEEDED, clock.now() - HOUR)
    found = diagnose(seen(checkout, answer(checkout, same_as(payment, refunds=(refund,)))))
    assert (found.level, found.sentences) == (Level.OK, ("Everything agrees: R$29.90 was paid and did not stay, so Plus is over.",))


def test_a_renewal_may_cost_something_else() -> None:
    checkout, now = checkout_of(), clock.now()
    invoice = {"subscription_id": "sub_1", "period_start": now - 40 * 24 * HOUR, "period_end": now - 10 * 24 * HOUR}
    first = make_payment(checkout, payment_id="pi_1", invoice_id="in_1", paid_at=now - 40 * 24 * HOUR, **invoice)
    renewal = make_payment(checkout, payment_id="pi_2", invoice_id="in_2", amount=1990, **invoice | {"period_start": now - 10 * 24 * HOUR, "period_end": now + 20 * 24 * HOUR})  # fmt: skip
    make_grant(first, until=first.period_end)
    make_grant(renewal)
    assert diagnose(seen(checkout, answer(checkout, same_as(first), same_as(renewal)))).kinds == ()


def test_a_payment_of_another_checkout_is_left_to_that_one() -> None:
    checkout, other = checkout_of(), make_checkout(state="paid")
    payment, theirs = make_payment(checkout), make_payment(other)
    make_grant(payment)
    found = diagnose(seen(checkout, replace(answer(checkout, same_as(payment), same_as(theirs)))))
    assert (found.kinds, PaymentState(theirs.state)) == ((), PaymentState.APPROVED)

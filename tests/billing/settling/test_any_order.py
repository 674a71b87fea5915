"""Any order, duplication and loss of what a provider says ends, once it is asked about now, where the straight run ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from audit.actors import Actor
from billing.models import Checkout, Dispute, Grant, Payment, Refund
from billing.report import Report, ReportedPayment
from billing.settling import Cause, CauseKind, Ours, decide, settle
from billing.settling.facts import CheckoutFacts
from billing.settling.granting import GrantAct
from billing.settling.sides import OurCheckout, OurGrant, OurPayment, OurPlan
from billing.states import CheckoutState
from tests.billing.factories import make_checkout, make_plan
from tests.billing.settling.reports import BEGAN, asked, deliveries, histories

NOW = BEGAN + timedelta(days=1)
PLAN = OurPlan(1, "plus", "Plus", 30)
CHECKOUT = OurCheckout(1, "chk_1", "stripe", "hh-1", 2990, "BRL", CheckoutFacts(CheckoutState.OPEN), PLAN)


def straight(history: list[ReportedPayment]) -> list[Report]:
    return [asked(payment, number) for number, payment in enumerate(history)] + [asked(history[-1], len(history))]


def told(reports: list[Report], ours: Ours) -> Ours:
    """What settle() makes of them, without a database."""
    for report in reports:
        decision = decide(ours, report, NOW)
        pks = {(one.facts.provider, one.facts.payment_id): number for number, one in enumerate(decision.payments, start=1)}
        payments = tuple(OurPayment(pks[one.facts.provider, one.facts.payment_id], one.checkout_pk, one.facts) for one in decision.payments)
        grants = {grant.pk: grant for grant in ours.grants}
        for change in decision.grants:
            pk = change.grant.pk if change.grant else len(grants) + 1
            given = OurGrant(
                pk, change.customer_key, change.plan, 1, pks[change.payment], "payment", change.starts_at, change.until, paid_at=change.starts_at,
                payment_id=change.payment[1],
            ) if change.payment else replace(grants[pk], starts_at=change.starts_at, until=change.until)  # fmt: skip
            grants[pk] = replace(given, ended_at=NOW, ended_because=change.because) if change.act == GrantAct.END else given
        assert decision.checkout is not None
        ours = replace(ours, checkout=replace(CHECKOUT, facts=decision.checkout), payments=payments, grants=tuple(grants.values()))
    return ours


def outcome(ours: Ours) -> Any:
    """The facts, and what the customer has. That something was given and taken away again on the way is a story, no fact."""
    assert ours.checkout is not None
    held = [(grant.payment_pk, grant.starts_at, grant.until) for grant in ours.grants if not grant.ended_at]
    return ours.checkout.facts, [payment.facts for payment in ours.payments], held


@st.composite
def stories(draw: Any) -> tuple[list[ReportedPayment], list[Report]]:
    history = draw(histories())
    return history, draw(deliveries(history))


@given(stories())
@hypothesis(max_examples=100, deadline=None)
def test_any_order_ends_where_the_straight_run_ends(story: tuple[list[ReportedPayment], list[Report]]) -> None:
    history, reports = story
    ends = outcome(told(reports, Ours(CHECKOUT)))
    assert ends == outcome(told(straight(history), Ours(CHECKOUT)))
    # One grant exactly if the payment stands.
    assert len(ends[2]) == ends[1][0].stands


@given(stories())
@hypothesis(max_examples=50, deadline=None)
def test_what_is_known_is_not_decided_again(story: tuple[list[ReportedPayment], list[Report]]) -> None:
    ours = told(story[1], Ours(CHECKOUT))
    again = decide(ours, story[1][-1], NOW)
    assert (again.changes, again.grants) == ((), ())


def rows() -> Any:
    payments = list(Payment.objects.values_list("state", "base", "amount", "refunded", "status", "detail", "paid_at", "confirmed_at"))
    refunds = list(Refund.objects.order_by("refund_id").values_list("refund_id", "amount", "state"))
    disputes = list(Dispute.objects.order_by("dispute_id").values_list("dispute_id", "state"))
    held = list(Grant.objects.filter(ended_at=None).values_list("payment__payment_id", "starts_at", "until"))
    return list(Checkout.objects.values_list("state", "paid_at")), payments, refunds, disputes, held


class Undone(Exception):
    """Ends a transaction without leaving anything."""


def kept(reports: list[Report]) -> Any:
    found = None
    try:
        with transaction.atomic():
            make_checkout(checkout_id="chk_1", plan=make_plan(key="plus"))
            for report in reports:
                settle(actor=Actor.system("test"), report=report, cause=Cause(CauseKind.EVENT))
            found = rows()
            raise Undone
    except Undone:
        return found


@pytest.mark.django_db
@given(stories())
@hypothesis(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_order_ends_in_the_same_rows(story: tuple[list[ReportedPayment], list[Report]]) -> None:
    history, reports = story
    assert kept(reports) == kept(straight(history))

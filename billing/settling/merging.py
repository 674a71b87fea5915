"""What is known, and what a provider says, become what is known: pure, and the same in any order and however often.

Each field is the join of a semilattice, so merging is commutative, associative and idempotent:
Shapiro et al., Conflict-free Replicated Data Types, 2011, https://inria.hal.science/inria-00609399
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from billing.report import Report
from billing.settling.facts import CheckoutFacts, DisputeFacts, PaymentFacts, RefundFacts, SubscriptionFacts, payment_facts, subscription_facts
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState
from billing.transitions import CHECKOUT, DISPUTE, PAYMENT, REFUND, rank

BASES = [PaymentState.PENDING, PaymentState.REJECTED, PaymentState.CANCELLED, PaymentState.APPROVED]


def _ranks(edges: Mapping[Any, str], states: Iterable[Any]) -> dict[Any, int]:
    return rank(dict(edges), list(states))


BASE_RANK = _ranks({edge: why for edge, why in PAYMENT.items() if {*edge} <= {*BASES}}, BASES)
REFUND_RANK = _ranks(REFUND, RefundState)
DISPUTE_RANK = _ranks(DISPUTE, DisputeState)
CHECKOUT_RANK = _ranks(CHECKOUT, CheckoutState)

# What a payment's base makes of its checkout.
OF_CHECKOUT = {
    PaymentState.PENDING: CheckoutState.PENDING,
    PaymentState.REJECTED: CheckoutState.FAILED,
    PaymentState.CANCELLED: CheckoutState.FAILED,
    PaymentState.APPROVED: CheckoutState.PAID,
}


def merge_payment(known: PaymentFacts | None, said: PaymentFacts) -> PaymentFacts:
    """Both of the same payment. The later base counts; the provider's words are the latest ones; refunds and disputes are united.

    The amount is the latest one until the payment is approved; then the approved one's, whatever was said before or after.
    """
    if known is None:
        return replace(said, refunds=_united(said.refunds, (), _later_refund), disputes=_united(said.disputes, (), _later_dispute))
    latest = max(known, said, key=lambda one: (one.asked_at, one.status, one.detail))
    money, period = _money(known, said), max(known, said, key=_period)
    return PaymentFacts(
        provider=known.provider,
        payment_id=known.payment_id,
        base=max(known.base, said.base, key=BASE_RANK.__getitem__),
        amount=money.amount,
        currency=money.currency,
        asked_at=latest.asked_at,
        status=latest.status,
        detail=latest.detail,
        # Providers don't change these. Where two differ all the same, the choice must not depend on which came first.
        **{name: max(getattr(known, name), getattr(said, name)) for name in ("reference", "session_id", "email", "subscription_id", "invoice_id")},
        period_start=period.period_start,
        period_end=period.period_end,
        created_at=_earliest(known.created_at, said.created_at),
        paid_at=_earliest(known.paid_at, said.paid_at),
        refunds=_united(known.refunds, said.refunds, _later_refund),
        disputes=_united(known.disputes, said.disputes, _later_dispute),
    )


def merge_report(known: Iterable[PaymentFacts], report: Report | None) -> dict[tuple[str, str], PaymentFacts]:
    """Every payment that is known or reported, by provider and id."""
    merged = {(one.provider, one.payment_id): one for one in known}
    for said in report.payments if report else ():
        key = (report.provider, said.id)  # type: ignore[union-attr]
        merged[key] = merge_payment(merged.get(key), payment_facts(report.provider, said, report.asked_at))  # type: ignore[union-attr]
    return merged


def merge_checkout(known: CheckoutFacts, report: Report | None, payments: Iterable[PaymentFacts]) -> CheckoutFacts:
    """The checkout's own words stay; what it lacks is filled in. Its state follows from the provider's page and from its payments."""
    said, payments = report.checkout if report else None, list(payments)
    states = [known.state, *(OF_CHECKOUT[one.base] for one in payments), *([said.state] if said else [])]
    state = max(states, key=CHECKOUT_RANK.__getitem__)
    paid = [one.when_paid for one in payments if one.base == PaymentState.APPROVED]
    if said and report and said.state == CheckoutState.PAID and not paid:
        # Nothing was due, as at the start of a trial: no payment says when.
        paid = [said.created_at or report.asked_at]
    return CheckoutFacts(
        state=state,
        session_id=known.session_id or (said.id if said else ""),
        provider_customer_id=known.provider_customer_id or (said.customer_id if said else ""),
        email=known.email or (said.email[:200] if said else ""),
        expires_at=known.expires_at or (said.expires_at if said else None),
        paid_at=_earliest(known.paid_at, *paid),
    )


def merge_subscription(known: SubscriptionFacts | None, report: Report | None) -> SubscriptionFacts | None:
    """Of two answers the one that was asked for later counts: subscriptions go back and forth by nature."""
    said = subscription_facts(report) if report else None
    if known is None or said is None:
        return known or said
    return said if _order(said) > _order(known) else known


def _order(one: SubscriptionFacts) -> tuple[Any, ...]:
    moments = [at.timestamp() if at else 0.0 for at in (one.current_period_end, one.cancel_at, one.ended_at)]
    return (one.asked_at, one.status, *moments)


def _money(known: PaymentFacts, said: PaymentFacts) -> PaymentFacts:
    approved = [one for one in (known, said) if one.base == PaymentState.APPROVED]
    if approved:
        return min(approved, key=lambda one: (one.amount, one.currency))
    return max(known, said, key=lambda one: (one.asked_at, one.status, one.detail, one.amount, one.currency))


def _period(one: PaymentFacts) -> tuple[float, float]:
    return (one.period_start.timestamp() if one.period_start else 0.0, one.period_end.timestamp() if one.period_end else 0.0)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def _united(some: Iterable[Any], others: Iterable[Any], later: Any) -> tuple[Any, ...]:
    found: dict[str, Any] = {}
    for one in (*some, *others):
        found[one.id] = later(found[one.id], one) if one.id in found else one
    return tuple(found[key] for key in sorted(found))


def _later_refund(one: RefundFacts, other: RefundFacts) -> RefundFacts:
    later = max(one, other, key=lambda each: (REFUND_RANK[each.state], each.amount, each.currency))
    return replace(later, at=_earliest(one.at, other.at))


def _later_dispute(one: DisputeFacts, other: DisputeFacts) -> DisputeFacts:
    later = max(one, other, key=lambda each: (DISPUTE_RANK[each.state], each.amount, each.currency, each.reason))
    return replace(later, at=_earliest(one.at, other.at))

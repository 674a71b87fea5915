"""What hypothesis makes up: facts of payments, reports of them, and whole histories at a provider."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from billing.report import Report, ReportedDispute, ReportedPayment, ReportedRefund
from billing.settling.facts import DisputeFacts, PaymentFacts, RefundFacts
from billing.states import DisputeState, PaymentState, RefundState

BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)
BASES = [PaymentState.PENDING, PaymentState.REJECTED, PaymentState.CANCELLED, PaymentState.APPROVED]

moments = st.integers(0, 20).map(lambda hours: BEGAN + timedelta(hours=hours))
maybe = st.none() | moments
amounts = st.sampled_from([0, 1000, 2990, 5980])
currencies = st.sampled_from(["BRL", "USD"])
words = st.sampled_from(["", "a", "b"])


def _parts(kind: Any, states: Any, **more: Any) -> Any:
    one = st.builds(
        kind, id=st.sampled_from(["x", "y", "z"]), amount=amounts, currency=currencies, state=st.sampled_from(list(states)), at=maybe, **more
    )
    return st.lists(one, max_size=3, unique_by=lambda part: part.id).map(lambda parts: tuple(sorted(parts, key=lambda part: part.id)))


# Everything at random, also what no provider would say: merging must not care.
facts = st.builds(
    PaymentFacts, provider=st.just("stripe"), payment_id=st.just("pi_1"), base=st.sampled_from(BASES), amount=amounts, currency=currencies,
    asked_at=moments, status=words, detail=words, reference=words, session_id=words, email=words, subscription_id=words, invoice_id=words,
    period_start=maybe, period_end=maybe, created_at=maybe, paid_at=maybe, refunds=_parts(RefundFacts, RefundState),
    disputes=_parts(DisputeFacts, DisputeState, reason=words),
)  # fmt: skip


@st.composite
def histories(draw: Any, payment_id: str = "pi_1", reference: str = "chk_1") -> list[ReportedPayment]:
    """What a payment is at the provider, moment by moment: tried, given up, approved, then refunded and disputed in any way."""
    now = ReportedPayment(
        id=payment_id, state=PaymentState.PENDING, status="pending", amount=2990, currency="BRL", reference=reference, created_at=BEGAN
    )
    history = [now]
    for state in (PaymentState.REJECTED, PaymentState.CANCELLED):
        if draw(st.booleans()):
            history.append(now := replace(now, state=state, status=str(state), detail="no"))
    if not draw(st.integers(0, 9)):
        return history
    history.append(now := replace(now, state=PaymentState.APPROVED, status="approved", detail="", paid_at=BEGAN + timedelta(hours=1)))
    for _step in range(draw(st.integers(0, 5))):
        history.append(now := _step_on(draw, now))
    return history


def _step_on(draw: Any, now: ReportedPayment) -> ReportedPayment:
    """One refund or dispute begins, or goes on."""
    refunds, disputes = {one.id: one for one in now.refunds}, {one.id: one for one in now.disputes}
    act, at = draw(st.sampled_from(["refund", "refund goes on", "dispute", "dispute goes on"])), BEGAN + timedelta(hours=2)
    if act == "refund" and len(refunds) < 3:
        made = ReportedRefund(f"re_{len(refunds)}", draw(st.sampled_from([990, 2000, 2990])), "BRL", RefundState.PENDING, at)
        refunds[made.id] = made
    elif act == "refund goes on" and refunds:
        chosen = refunds[draw(st.sampled_from(sorted(refunds)))]
        onward = {RefundState.PENDING: [RefundState.SUCCEEDED, RefundState.FAILED], RefundState.SUCCEEDED: [RefundState.FAILED]}
        refunds[chosen.id] = replace(chosen, state=draw(st.sampled_from(onward.get(chosen.state, [chosen.state]))))
    elif act == "dispute" and len(disputes) < 2:
        made_dispute = ReportedDispute(f"dp_{len(disputes)}", 2990, "BRL", DisputeState.OPEN, "fraudulent", at)
        disputes[made_dispute.id] = made_dispute
    elif act == "dispute goes on" and disputes:
        disputed = disputes[draw(st.sampled_from(sorted(disputes)))]
        goes_on = {DisputeState.OPEN: [DisputeState.LOST, DisputeState.WON], DisputeState.LOST: [DisputeState.WON]}
        disputes[disputed.id] = replace(disputed, state=draw(st.sampled_from(goes_on.get(disputed.state, [disputed.state]))))
    return replace(now, refunds=tuple(refunds.values()), disputes=tuple(disputes.values()))


def asked(payment: ReportedPayment, number: int) -> Report:
    """The answer to the question that was asked at moment `number` of its history."""
    return Report("stripe", BEGAN + timedelta(hours=3, minutes=number), payments=(payment,))


@st.composite
def deliveries(draw: Any, history: list[ReportedPayment]) -> list[Report]:
    """Answers about any moments of it, in any order, twice, or never; then, as the sweep asks, about now."""
    numbers = draw(st.lists(st.integers(0, len(history) - 1), max_size=8))
    return [asked(history[number], number) for number in numbers] + [asked(history[-1], len(history))]

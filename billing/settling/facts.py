"""What is known of money, whoever said it: the shape in which our rows and a provider's answers are merged. Amounts are minor units."""

from dataclasses import dataclass, replace
from datetime import datetime

from billing.report import Report, ReportedPayment
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState


@dataclass(frozen=True, slots=True)
class RefundFacts:
    id: str
    amount: int
    currency: str
    state: RefundState
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    id: str
    amount: int
    currency: str
    state: DisputeState
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """`base` is how far the payment itself came; `state` is what its refunds and disputes make of it. `asked_at`: as of when.

    Refunds and disputes are ordered by their ids.
    """

    provider: str
    payment_id: str
    base: PaymentState
    amount: int
    currency: str
    asked_at: datetime
    status: str = ""
    detail: str = ""
    reference: str = ""
    session_id: str = ""
    email: str = ""
    subscription_id: str = ""
    invoice_id: str = ""
    period_start: datetime | None = None
    period_end: datetime | None = None
    created_at: datetime | None = None
    paid_at: datetime | None = None
    refunds: tuple[RefundFacts, ...] = ()
    disputes: tuple[DisputeFacts, ...] = ()

    @property
    def refunded(self) -> int:
        """Given back, or on its way."""
        return sum(refund.amount for refund in self.refunds if refund.state != RefundState.FAILED)

    @property
    def state(self) -> PaymentState:
        if self.base != PaymentState.APPROVED:
            return self.base
        if any(dispute.state == DisputeState.LOST for dispute in self.disputes):
            return PaymentState.CHARGED_BACK
        return PaymentState.REFUNDED if self.refunded and self.refunded >= self.amount else PaymentState.APPROVED

    @property
    def stands(self) -> bool:
        """Whether what it paid for is owed."""
        return self.state == PaymentState.APPROVED

    @property
    def is_invoice(self) -> bool:
        """Whether it pays for a period of a subscription, which its invoice says."""
        return bool(self.invoice_id and self.period_start and self.period_end)

    @property
    def has_open_dispute(self) -> bool:
        return any(dispute.state == DisputeState.OPEN for dispute in self.disputes)

    @property
    def when_paid(self) -> datetime:
        """From when it counts. A provider that doesn't say when money came says at least when the payment began."""
        return self.paid_at or self.created_at or self.asked_at


@dataclass(frozen=True, slots=True)
class PaymentWrite:
    """`pk` None: a new row. `known`: what stood there. `checkout_pk`: the checkout it belongs to from now on."""

    pk: int | None
    known: PaymentFacts | None
    facts: PaymentFacts
    checkout_pk: int | None
    was_checkout_pk: int | None = None

    @property
    def is_changed(self) -> bool:
        """More than that the provider said the same again."""
        same = replace(self.known, asked_at=self.facts.asked_at, session_id=self.facts.session_id) if self.known else None
        return same != self.facts or self.was_checkout_pk != self.checkout_pk


@dataclass(frozen=True, slots=True)
class CheckoutFacts:
    """What settling may change of a checkout."""

    state: CheckoutState
    session_id: str = ""
    provider_customer_id: str = ""
    email: str = ""
    expires_at: datetime | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    provider: str
    subscription_id: str
    status: str
    asked_at: datetime
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None


def payment_facts(provider: str, said: ReportedPayment, asked_at: datetime) -> PaymentFacts:
    """A provider's answer about a payment, cut to what there is room for."""
    texts = {name: getattr(said, name)[:200] for name in ("detail", "reference", "session_id", "email", "subscription_id", "invoice_id")}
    same = {name: getattr(said, name) for name in ("amount", "currency", "period_start", "period_end", "created_at", "paid_at")}
    refunds = tuple(RefundFacts(one.id, one.amount, one.currency, one.state, one.at) for one in said.refunds)
    disputes = tuple(DisputeFacts(one.id, one.amount, one.currency, one.state, one.reason[:200], one.at) for one in said.disputes)
    return PaymentFacts(
        provider=provider, payment_id=said.id, base=said.state, asked_at=asked_at, status=said.status[:60], refunds=refunds, disputes=disputes,
        **texts, **same,
    )  # fmt: skip


def subscription_facts(report: Report) -> SubscriptionFacts | None:
    said = report.subscription
    if said is None:
        return None
    return SubscriptionFacts(report.provider, said.id, said.status[:40], report.asked_at, said.current_period_end, said.cancel_at, said.ended_at)

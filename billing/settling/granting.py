"""Which payment gives whom which plan. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from billing.effects import EffectKind, EffectReason
from billing.models import Grant
from billing.settling.changing import FieldChange
from billing.settling.facts import PaymentFacts
from billing.settling.placing import Span, place
from billing.settling.sides import OurCheckout, OurGrant, OurPlan, Ours
from billing.states import PaymentState

Key = tuple[str, str]


class GrantAct(StrEnum):
    CREATE = "create"
    END = "end"
    RESTORE = "restore"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class GrantChange:
    """`payment` is (provider, id). `grant` None: a new one. `because`: why it ends."""

    act: GrantAct
    plan: OurPlan
    customer_key: str
    starts_at: datetime
    until: datetime | None
    grant: OurGrant | None = None
    payment: Key | None = None
    because: str = ""

    def changes(self) -> Iterator[FieldChange]:
        held = {GrantAct.CREATE: (None, "granted"), GrantAct.END: ("granted", "ended"), GrantAct.RESTORE: ("ended", "granted")}
        if self.act in held:
            before, after = held[self.act]
            yield FieldChange("plan", self.plan.key, "state", before, after)
        if self.act == GrantAct.END:
            return
        was = self.grant if self.grant else None
        for name in ("starts_at", "until"):
            before, after = getattr(was, name, None), getattr(self, name)
            if before != after:
                yield FieldChange("plan", self.plan.key, name, before, after)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one payment comes to."""

    payment: PaymentFacts
    kind: EffectKind
    reason: EffectReason | None = None
    change: GrantChange | None = None
    grant: OurGrant | None = None


UNDECIDED = {
    PaymentState.PENDING: EffectReason.PAYMENT_PENDING,
    PaymentState.REJECTED: EffectReason.PAYMENT_REJECTED,
    PaymentState.CANCELLED: EffectReason.PAYMENT_CANCELLED,
    PaymentState.REFUNDED: EffectReason.NO_LONGER_PAID,
    PaymentState.CHARGED_BACK: EffectReason.NO_LONGER_PAID,
}
ENDED = {PaymentState.REFUNDED: Grant.Ended.REFUNDED, PaymentState.CHARGED_BACK: Grant.Ended.CHARGED_BACK}


class Granting:
    """The payments of one checkout, seen together: each of them depends on the others."""

    def __init__(self, ours: Ours, payments: Sequence[PaymentFacts], pks: dict[Key, int | None], now: datetime) -> None:
        self._ours, self._payments, self._now = ours, sorted(payments, key=_order), now
        of_payment = {grant.payment_pk: grant for grant in ours.grants if grant.payment_pk is not None}
        self._grants = {key: of_payment[pk] for key, pk in pks.items() if pk in of_payment}
        self._carriers: dict[Any, PaymentFacts] = {}
        for payment in self._payments:
            if payment.stands and self._holds(payment):
                self._carriers.setdefault(self._slot(payment), payment)
        for payment in self._payments:
            if payment.stands and not self._refusal(payment):
                self._carriers.setdefault(self._slot(payment), payment)

    def verdicts(self) -> list[Verdict]:
        found = [self._verdict(payment) for payment in self._payments]
        changed = [verdict.change for verdict in found if verdict.change]
        placed = {id(change): after for change, after in zip(changed, self._placed(changed), strict=True)}
        return [replace(one, change=placed[id(one.change)]) if one.change else one for one in found]

    def moves(self, decided: Sequence[GrantChange]) -> list[GrantChange]:
        """Other grants of the same plan that make room for, or take the room of, those that changed."""
        if not decided:
            return []
        spans, owners = self._spans(decided)
        return _moved(spans, owners, self._now)

    def _verdict(self, payment: PaymentFacts) -> Verdict:
        grant = self._grants.get(_key(payment))
        if not payment.stands:
            if grant and not grant.ended_at:
                because = ENDED.get(payment.state, Grant.Ended.NOT_PAID)
                change = GrantChange(GrantAct.END, grant.plan, grant.customer_key, grant.starts_at, grant.until, grant, _key(payment), because)
                return Verdict(payment, EffectKind.ENDED, EffectReason.NO_LONGER_PAID, change, grant)
            return Verdict(payment, EffectKind.RECORDED, self._undecided(payment), None, grant)
        if grant and not grant.ended_at:
            return Verdict(payment, EffectKind.ALREADY, _shadow(payment), None, grant)
        if refusal := self._refusal(payment) or self._twice(payment):
            return Verdict(payment, EffectKind.NONE, refusal, None, grant)
        return Verdict(payment, EffectKind.RESTORED if grant else EffectKind.GRANTED, _shadow(payment), self._given(payment, grant), grant)

    def _given(self, payment: PaymentFacts, grant: OurGrant | None) -> GrantChange:
        """Where it would stand alone; _placed() moves it behind what the customer has."""
        checkout = self._checkout
        plan = grant.plan if grant else checkout.plan
        assert plan is not None
        customer = grant.customer_key if grant else checkout.customer_key
        begins: datetime = payment.when_paid
        ends: datetime | None = begins + timedelta(days=plan.days)
        if payment.is_invoice and payment.period_start and payment.period_end:
            begins, ends = payment.period_start, payment.period_end
        elif grant and grant.until:
            ends = begins + (grant.until - grant.starts_at)
        act = GrantAct.RESTORE if grant else GrantAct.CREATE
        return GrantChange(act, plan, customer, begins, ends, grant, _key(payment))

    def _placed(self, changed: Sequence[GrantChange]) -> list[GrantChange]:
        spans, _owners = self._spans(changed)
        placed = place(spans)
        found = []
        for change in changed:
            span = placed.get(_span_key(change.payment)) if change.act != GrantAct.END else None
            found.append(replace(change, starts_at=span.starts_at, until=span.until) if span else change)
        return found

    def _spans(self, changed: Sequence[GrantChange]) -> tuple[list[Span], dict[str, OurGrant]]:
        """What the customer has of the checkout's plan once the changes are made; and which of them are rows as they stand."""
        plan = self._checkout.plan if self._ours.checkout else None
        touched = {change.grant.pk for change in changed if change.grant}
        owners = {
            _owner_key(grant): grant
            for grant in (*self._ours.grants, *self._ours.others)
            if not grant.ended_at and grant.pk not in touched and plan and grant.plan.pk == plan.pk
        }
        spans = [Span(key, grant.starts_at, grant.until, grant.paid_at) for key, grant in owners.items()]
        one_off = {_key(payment): payment.when_paid for payment in self._payments if not payment.is_invoice}
        for change in changed:
            if change.act in (GrantAct.CREATE, GrantAct.RESTORE) and plan and change.plan.pk == plan.pk:
                spans.append(Span(_span_key(change.payment), change.starts_at, change.until, one_off.get(change.payment or ("", ""))))
        return spans, owners

    @property
    def _checkout(self) -> OurCheckout:
        assert self._ours.checkout is not None
        return self._ours.checkout

    def _slot(self, payment: PaymentFacts) -> Any:
        """What is paid for: the checkout itself, or one period of its subscription. Each is owed once."""
        return payment.period_start if payment.is_invoice else None

    def _is_first(self, payment: PaymentFacts) -> bool:
        """Whether the checkout's own price was to be paid; renewals have prices of their own, and so has what follows a trial for nothing."""
        if payment.is_invoice and not self._checkout.amount:
            return False
        starts = [one.period_start for one in self._payments if one.is_invoice and one.period_start]
        return not payment.is_invoice or payment.period_start == min(starts)

    def _holds(self, payment: PaymentFacts) -> bool:
        grant = self._grants.get(_key(payment))
        return grant is not None and not grant.ended_at

    def _twice(self, payment: PaymentFacts) -> EffectReason | None:
        carrier = self._carriers.get(self._slot(payment))
        return None if carrier is None or carrier is payment else EffectReason.PAID_TWICE

    def _refusal(self, payment: PaymentFacts) -> EffectReason | None:
        """Why a payment that stands gives no plan."""
        checkout, slot = self._checkout, self._slot(payment)
        in_slot = [one for one in self._payments if one.stands and self._slot(one) == slot]
        if any(self._grants[_key(one)].ended_because == Grant.Ended.HAND for one in in_slot if _key(one) in self._grants):
            return EffectReason.ENDED_BY_HAND
        if not checkout.customer_key:
            return EffectReason.NO_CUSTOMER
        if checkout.plan is None:
            return EffectReason.NO_PLAN
        if payment.currency != checkout.currency:
            return EffectReason.CURRENCY_DIFFERS
        return EffectReason.AMOUNT_DIFFERS if self._is_first(payment) and payment.amount != checkout.amount else None

    def _undecided(self, payment: PaymentFacts) -> EffectReason:
        is_unpaid = payment.state in (PaymentState.PENDING, PaymentState.REJECTED, PaymentState.CANCELLED)
        return EffectReason.RENEWAL_UNPAID if is_unpaid and not self._is_first(payment) else UNDECIDED[payment.state]


def moved(grants: Sequence[OurGrant], now: datetime) -> list[GrantChange]:
    """Of one customer's grants of one plan, those that don't stand where they belong."""
    owners = {_owner_key(grant): grant for grant in grants}
    return _moved([Span(key, grant.starts_at, grant.until, grant.paid_at) for key, grant in owners.items()], owners, now)


def _moved(spans: list[Span], owners: dict[str, OurGrant], now: datetime) -> list[GrantChange]:
    found = []
    for key, span in place(spans).items():
        grant = owners.get(key)
        if grant is None or (span.starts_at, span.until) == (grant.starts_at, grant.until):
            continue
        # What a customer has begun to use gets no earlier end.
        has_begun = grant.starts_at <= now
        if not has_begun or (span.until and grant.until and span.until > grant.until):
            found.append(GrantChange(GrantAct.MOVE, grant.plan, grant.customer_key, span.starts_at, span.until, grant))
    return found


def _owner_key(grant: OurGrant) -> str:
    return f"payment {grant.payment_id}" if grant.payment_id else f"grant {grant.pk}"


def _shadow(payment: PaymentFacts) -> EffectReason | None:
    """What hangs over a plan that stays."""
    if payment.has_open_dispute:
        return EffectReason.DISPUTE_OPEN
    return EffectReason.REFUNDED_IN_PART if payment.refunded else None


def _key(payment: PaymentFacts) -> Key:
    return payment.provider, payment.payment_id


def _span_key(payment: Key | None) -> str:
    return f"payment {payment[1]}" if payment else ""


def _order(payment: PaymentFacts) -> tuple[Any, ...]:
    return payment.when_paid, payment.provider, payment.payment_id

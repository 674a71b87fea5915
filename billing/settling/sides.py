"""Our side of a checkout, read at once: what settling decides from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from billing.models import Checkout, Dispute, Grant, Payment, Plan, Refund, Subscription
from billing.report import Report
from billing.settling.facts import CheckoutFacts, DisputeFacts, PaymentFacts, RefundFacts, SubscriptionFacts
from billing.settling.locking import lock_checkout, lock_reference
from billing.states import CheckoutState, DisputeState, PaymentState, RefundState

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OurPlan:
    """`days`: how long a payment without an invoice lasts."""

    pk: int
    key: str
    name: str
    days: int
    rank: int = 1


@dataclass(frozen=True, slots=True)
class OurCheckout:
    pk: int
    checkout_id: str
    provider: str
    customer_key: str
    amount: int
    currency: str
    facts: CheckoutFacts
    plan: OurPlan | None = None
    change_seq: int = 0


@dataclass(frozen=True, slots=True)
class OurPayment:
    """`checkout_pk` may be None, or, for one that a report named beside others, another checkout's."""

    pk: int
    checkout_pk: int | None
    facts: PaymentFacts


@dataclass(frozen=True, slots=True)
class OurGrant:
    """`paid_at` is set where a payment without an invoice gave it: such a grant may be moved to make room for another."""

    pk: int
    customer_key: str
    plan: OurPlan
    checkout_pk: int | None
    payment_pk: int | None
    source: str
    starts_at: datetime
    until: datetime | None
    ended_at: datetime | None = None
    ended_because: str = ""
    paid_at: datetime | None = None
    payment_id: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """`payments`: the checkout's, and those that the report names. `grants`: the checkout's and those payments', also ended ones.
    `others`: what else the customer has, and had not ended. `may_take_session`: no other checkout has the report's session."""

    checkout: OurCheckout | None = None
    payments: tuple[OurPayment, ...] = ()
    grants: tuple[OurGrant, ...] = ()
    others: tuple[OurGrant, ...] = ()
    subscription: SubscriptionFacts | None = None
    subscription_checkout_pk: int | None = None
    may_take_session: bool = True


def read_ours(*, checkout_pk: int | None = None, report: Report | None = None, lock: bool = False) -> Ours:
    """All of it in at most 15 queries, however much there is. Without `checkout_pk` the report says which checkout it is about.

    With `lock`, inside a transaction: the customer, the checkout's row, then the payments' in the order of their keys.
    Raises Checkout.DoesNotExist for a key that is not there.
    """
    pk = checkout_pk if checkout_pk is not None else find_checkout(report)
    if pk is None and lock and report:
        for reference in sorted(references(report)):
            lock_reference(reference)
        pk = find_checkout(report)
    checkout = _checkout(pk, lock=lock) if pk is not None else None
    payments = _payments(checkout, report, lock=lock)
    grants = _grants(Q(payment__in=[one.pk for one in payments]) | (Q(checkout=checkout.pk) if checkout else Q(pk__in=[])))
    return Ours(
        checkout=checkout,
        payments=payments,
        grants=grants,
        others=_others(checkout, grants),
        **_subscription(checkout, report),
        may_take_session=not (report and report.checkout) or _session_is_free(report.provider, report.checkout.id, checkout),
    )


def references(report: Report) -> set[str]:
    """The ids of checkouts of ours that a report names."""
    named = [part.reference for part in (report.checkout, report.subscription, *report.payments) if part]
    return {name for name in named if name}


def find_checkout(report: Report | None) -> int | None:
    """Which checkout a report is about: by our id, by the provider's page, by what we know of its payments and its subscription."""
    if report is None:
        return None
    sessions = {one for one in (*(part.session_id for part in report.payments), report.checkout.id if report.checkout else "") if one}
    if report.payments:
        # What has been settled once stays where it is.
        known = Payment.objects.filter(provider=report.provider, payment_id__in=[one.id for one in report.payments], checkout__isnull=False)
        if (pk := known.order_by("pk").values_list("checkout_id", flat=True).first()) is not None:
            return pk
    if named := references(report):
        found = Checkout.objects.filter(checkout_id__in=named).order_by("pk").values_list("pk", flat=True).first()
        if found is not None:
            return found
    if sessions:
        found = Checkout.objects.filter(provider=report.provider, session_id__in=sessions).order_by("pk").values_list("pk", flat=True).first()
        if found is not None:
            return found
    subscriptions = {
        one for one in (*(part.subscription_id for part in report.payments), report.subscription.id if report.subscription else "") if one
    }
    if not subscriptions:
        return None
    known_ones = Subscription.objects.filter(provider=report.provider, subscription_id__in=subscriptions, checkout__isnull=False)
    return known_ones.order_by("pk").values_list("checkout_id", flat=True).first()


def payment_facts_of(row: Payment, refunds: Iterable[Refund], disputes: Iterable[Dispute]) -> PaymentFacts:
    return PaymentFacts(
        provider=row.provider, payment_id=row.payment_id, base=PaymentState(row.base), amount=row.amount, currency=row.currency,
        asked_at=row.confirmed_at or NEVER, status=row.status, detail=row.detail, reference=row.reference, email=row.email,
        subscription_id=row.subscription_id, invoice_id=row.invoice_id, period_start=row.period_start, period_end=row.period_end,
        created_at=row.created_at, paid_at=row.paid_at,
        refunds=tuple(RefundFacts(one.refund_id, one.amount, one.currency, RefundState(one.state), one.at) for one in refunds),
        disputes=tuple(DisputeFacts(one.dispute_id, one.amount, one.currency, DisputeState(one.state), one.reason, one.at) for one in disputes),
    )  # fmt: skip


def plan_of(row: Plan) -> OurPlan:
    return OurPlan(row.pk, row.key, row.name, row.days, row.rank)


def _checkout(pk: int, *, lock: bool) -> OurCheckout:
    row = lock_checkout(pk=pk) if lock else Checkout.objects.select_related("plan").filter(pk=pk).first()
    if row is None:
        raise Checkout.DoesNotExist
    facts = CheckoutFacts(CheckoutState(row.state), row.session_id, row.provider_customer_id, row.email, row.expires_at, row.paid_at)
    return OurCheckout(
        row.pk, row.checkout_id, row.provider, row.customer_key, row.amount, row.currency, facts, plan_of(row.plan) if row.plan else None,
        row.change_seq,
    )  # fmt: skip


def _payments(checkout: OurCheckout | None, report: Report | None, *, lock: bool) -> tuple[OurPayment, ...]:
    wanted = Q(checkout=checkout.pk) if checkout else Q(pk__in=[])
    if checkout:
        # Money that came before the product had told us of the checkout.
        wanted |= Q(checkout=None, reference=checkout.checkout_id)
    if report and report.payments:
        wanted |= Q(provider=report.provider, payment_id__in=[one.id for one in report.payments])
    rows = Payment.objects.filter(wanted).order_by("pk")
    found = list(rows.select_for_update(no_key=True) if lock else rows)
    keys = [row.pk for row in found]
    refunds = list(Refund.objects.filter(payment__in=keys).order_by("refund_id"))
    disputes = list(Dispute.objects.filter(payment__in=keys).order_by("dispute_id"))
    return tuple(
        OurPayment(row.pk, row.checkout_id, payment_facts_of(row, _of(refunds, row.pk), _of(disputes, row.pk))) for row in found
    )  # fmt: skip


def _of(parts: list[Any], payment_pk: int) -> list[Any]:
    return [part for part in parts if part.payment_id == payment_pk]


def _grants(wanted: Q) -> tuple[OurGrant, ...]:
    return tuple(grant_of(row) for row in Grant.objects.filter(wanted).select_related("plan", "payment").order_by("pk"))


def grant_of(row: Grant) -> OurGrant:
    payment = row.payment
    paid_at = None
    if payment is not None and not (payment.invoice_id and payment.period_start and payment.period_end):
        paid_at = payment.paid_at or payment.created_at
    return OurGrant(
        row.pk, row.customer_key, plan_of(row.plan), row.checkout_id, row.payment_id, row.source, row.starts_at, row.until, row.ended_at,
        row.ended_because, paid_at, payment.payment_id if payment else "",
    )  # fmt: skip


def _others(checkout: OurCheckout | None, grants: tuple[OurGrant, ...]) -> tuple[OurGrant, ...]:
    if checkout is None or not checkout.customer_key:
        return ()
    return tuple(one for one in running_grants(checkout.customer_key) if one.pk not in {grant.pk for grant in grants})


def running_grants(customer_key: str) -> tuple[OurGrant, ...]:
    """What a customer has, had and will have, except what was ended before its time."""
    return _grants(Q(customer_key=customer_key, ended_at=None))


def _subscription(checkout: OurCheckout | None, report: Report | None) -> dict[str, Any]:
    wanted = Q(checkout=checkout.pk) if checkout else Q(pk__in=[])
    if report and report.subscription:
        wanted = Q(provider=report.provider, subscription_id=report.subscription.id)
    row = Subscription.objects.filter(wanted).order_by("-asked_at", "pk").first()
    if row is None:
        return {}
    facts = SubscriptionFacts(
        row.provider, row.subscription_id, row.status, row.asked_at, row.current_period_end, row.cancel_at, row.ended_at
    )  # fmt: skip
    return {"subscription": facts, "subscription_checkout_pk": row.checkout_id}


def _session_is_free(provider: str, session_id: str, checkout: OurCheckout | None) -> bool:
    taken = Checkout.objects.filter(provider=provider, session_id=session_id)
    return not taken.exclude(pk=checkout.pk if checkout else 0).exists()

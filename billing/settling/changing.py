"""Before → after, field by field: the dry run's table, and what the audit log keeps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from billing.settling.facts import CheckoutFacts, PaymentFacts, SubscriptionFacts

OF_CHECKOUT = ("state", "session_id", "provider_customer_id", "email", "expires_at", "paid_at")
OF_PAYMENT = (
    "state", "amount", "currency", "refunded", "status", "detail", "reference", "email", "subscription_id", "invoice_id", "period_start", "period_end",
    "created_at", "paid_at",
)  # fmt: skip
OF_REFUND = ("state", "amount", "at")
OF_DISPUTE = ("state", "amount", "reason", "at")
OF_SUBSCRIPTION = ("status", "current_period_end", "cancel_at", "ended_at")
MONEY = frozenset({"amount", "refunded"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`where`: checkout, payment, refund, dispute, subscription or plan; `key`: its id. Values are plain: texts, moments, minor units of
    `currency`; None where there was nothing."""

    where: str
    key: str
    field: str
    before: Any
    after: Any
    currency: str = ""


def of_checkout(checkout_id: str, before: CheckoutFacts, after: CheckoutFacts) -> Iterator[FieldChange]:
    yield from _differing("checkout", checkout_id, OF_CHECKOUT, before, after)


def of_payment(before: PaymentFacts | None, after: PaymentFacts) -> Iterator[FieldChange]:
    """With its refunds and disputes."""
    yield from _differing("payment", after.payment_id, OF_PAYMENT, before, after, currency=after.currency)
    yield from _of_parts("refund", OF_REFUND, before.refunds if before else (), after.refunds)
    yield from _of_parts("dispute", OF_DISPUTE, before.disputes if before else (), after.disputes)


def of_subscription(before: SubscriptionFacts | None, after: SubscriptionFacts | None) -> Iterator[FieldChange]:
    if after is not None:
        yield from _differing("subscription", after.subscription_id, OF_SUBSCRIPTION, before, after)


def for_audit(changes: Iterable[FieldChange]) -> dict[str, tuple[Any, Any]]:
    """{"payment pi_1 state": (before, after)}"""
    return {f"{one.where} {one.key} {one.field}": (one.before, one.after) for one in changes}


def _of_parts(where: str, fields: Iterable[str], before: Iterable[Any], after: Iterable[Any]) -> Iterator[FieldChange]:
    known = {one.id: one for one in before}
    for one in after:
        yield from _differing(where, one.id, fields, known.get(one.id), one, currency=one.currency)


def _differing(where: str, key: str, fields: Iterable[str], before: Any, after: Any, *, currency: str = "") -> Iterator[FieldChange]:
    for name in fields:
        was, now = getattr(before, name, None), getattr(after, name)
        # Nothing is said of a new row's empty fields.
        if was != now and not (was is None and name != "amount" and now in ("", 0)):
            yield FieldChange(where, key, name, _plain(was), _plain(now), currency if name in MONEY else "")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value

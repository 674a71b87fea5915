"""A payment's rows: itself, its refunds, its disputes. Whoever comes second finds them."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError

from billing.models import Dispute, Payment, Refund
from billing.settling.facts import PaymentFacts, PaymentWrite
from billing.settling.granting import Key
from opsportal import clock

SAME = (
    "base", "state", "status", "detail", "amount", "refunded", "currency", "reference", "email", "subscription_id", "invoice_id", "period_start",
    "period_end", "paid_at",
)  # fmt: skip


class Raced(Exception):
    """Another transaction has written the same payment first, since it was looked for."""


def write_payments(writes: Sequence[PaymentWrite]) -> dict[Key, int]:
    """Only what changed. Returns the key of every payment's row. Raises Raced, with nothing written, inside a savepoint."""
    keys: dict[Key, int] = {}
    for write in sorted(writes, key=lambda one: (one.facts.provider, one.facts.payment_id)):
        keys[write.facts.provider, write.facts.payment_id] = pk = _insert(write) if write.pk is None else write.pk
        if write.pk is not None and write.is_changed:
            Payment.objects.filter(pk=pk).update(**_values(write), updated_at=clock.now())
        elif write.known and write.facts.asked_at > write.known.asked_at:
            Payment.objects.filter(pk=pk).update(confirmed_at=write.facts.asked_at)
        if write.is_changed:
            _write_parts(pk, write.known, write.facts)
    return keys


def _insert(write: PaymentWrite) -> int:
    """It waits here for another transaction that is about to insert the same one."""
    row = Payment(provider=write.facts.provider, payment_id=write.facts.payment_id, **_values(write))
    try:
        row.save(force_insert=True)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == "payment_once":
            raise Raced from None
        raise
    return row.pk


def _values(write: PaymentWrite) -> dict[str, Any]:
    facts = write.facts
    values = {name: getattr(facts, name) for name in SAME}
    values |= {"checkout_id": write.checkout_pk, "confirmed_at": facts.asked_at}
    return values | ({"created_at": facts.created_at} if facts.created_at else {})


def _write_parts(pk: int, known: PaymentFacts | None, facts: PaymentFacts) -> None:
    if facts.refunds != (known.refunds if known else ()):
        refunds = [
            Refund(payment_id=pk, refund_id=one.id, amount=one.amount, currency=one.currency, state=one.state, at=one.at) for one in facts.refunds
        ]
        fields = ["amount", "currency", "state", "at"]
        Refund.objects.bulk_create(refunds, update_conflicts=True, unique_fields=["payment", "refund_id"], update_fields=fields)
    if facts.disputes != (known.disputes if known else ()):
        disputes = [
            Dispute(payment_id=pk, dispute_id=one.id, amount=one.amount, currency=one.currency, state=one.state, reason=one.reason, at=one.at)
            for one in facts.disputes
        ]
        fields = ["amount", "currency", "state", "reason", "at"]
        Dispute.objects.bulk_create(disputes, update_conflicts=True, unique_fields=["payment", "dispute_id"], update_fields=fields)

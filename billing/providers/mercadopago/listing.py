"""Mercado Pago's payments by their last change, of the last twelve months: it has no list of its notifications."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from billing.providers.asking import endless, understood
from billing.providers.mercadopago.client import LABEL, PAGE, Question
from billing.providers.mercadopago.reading import minor
from billing.providers.values import ident, iso, text
from billing.report import Change

MOST_PAGES_OF_A_MOMENT = 50


def changes_between(since: datetime, until: datetime) -> Iterator[Change]:
    """Oldest change first, one a payment.

    The next page begins at the moment of the last payment taken, not at a count of payments: one that changes meanwhile moves to
    the end of the list, and by count the one behind it would be left out.
    """
    ask, begin, taken, offset = Question(seconds=None), since, set[str](), 0
    while True:
        with understood(LABEL):
            page = ask.payments_updated(begin, until, offset=offset)
            found = [_change(payment) for payment in page]
        new = [change for change in found if change.event_id not in taken]
        yield from new
        if len(page) < PAGE:
            return
        last = found[-1].created_at
        if last > begin:
            begin, taken, offset = last, {change.event_id for change in found if change.created_at == last}, 0
        else:
            taken |= {change.event_id for change in new}
            offset += len(page)
        if offset > MOST_PAGES_OF_A_MOMENT * PAGE:
            raise endless(LABEL)


def _change(payment: dict[str, Any]) -> Change:
    """As a webhook would have said it. Its id is made of what changed and when, so it is the same whenever it is read."""
    changed_at = iso(payment["date_last_updated"])
    if changed_at is None:
        raise ValueError("a payment has the time of its last change")
    payment_id = ident(payment)
    event_id, event_type = f"listed:{payment_id}:{int(changed_at.timestamp() * 1000)}", "payment.updated"
    body = {
        "id": event_id,
        "type": "payment",
        "action": event_type,
        "date_created": text(payment["date_last_updated"]),
        "live_mode": payment.get("live_mode"),
        "data": {"id": payment_id},
    }
    return Change(event_id, event_type, payment_id, changed_at, json.dumps(body).encode(), _says(payment))


def _says(payment: dict[str, Any]) -> tuple[str, str, int] | None:
    """As reading.payment() would say it. None where it makes no sense: then the payment is asked about, and that is told."""
    try:
        refunded = minor(payment.get("transaction_amount_refunded") or 0, text(payment["currency_id"], 3).upper())
        return text(payment["status"], 40), text(payment.get("status_detail")), refunded
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None

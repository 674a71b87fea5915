"""From a notification, or from our checkout, to everything that belongs together at Mercado Pago: the preference and its payments."""

from datetime import datetime
from typing import Any

from billing.providers.asking import understood
from billing.providers.mercadopago import reading
from billing.providers.mercadopago.client import LABEL, Question
from billing.providers.values import ident, part, text
from billing.report import CouldNotAsk, Report, ReportedPayment
from billing.states import ProviderName

Json = dict[str, Any]

# Each is a question of its own.
MOST_ASKED = 20

_KINDS = {
    "payment": "payment",
    "merchant_order": "order",
    "topic_merchant_order_wh": "order",
    "chargebacks": "chargeback",
    "topic_chargebacks_wh": "chargeback",
}


def kind_of(event_type: str) -> str:
    """What a notification is about; empty for one that moves nothing."""
    return _KINDS.get(event_type.partition(".")[0], "")


class Gathering:
    """One report in the making. Raises CouldNotAsk wherever it asks."""

    def __init__(self, asked_at: datetime) -> None:
        self._ask, self._asked_at = Question(), asked_at
        self._preference: Json | None = None
        self._payments: dict[str, ReportedPayment] = {}

    def about(self, kind: str, thing_id: str) -> Report:
        with understood(LABEL):
            match kind:
                case "payment":
                    self._take_payment(thing_id)
                case "chargeback":
                    for payment in self._ask.chargeback(thing_id)["payments"]:
                        self._take_payment(text(payment))
                case _:
                    self._take_order(self._ask.order(thing_id))
            return self._report()

    def about_checkout(self, checkout_id: str, preference_id: str, payment_ids: tuple[str, ...]) -> Report:
        """By our checkout's id among all payments, and by every id we have of it."""
        with understood(LABEL):
            if preference_id:
                self._preference = self._ask.preference(preference_id)
            named = self._ask.payments_for(checkout_id) if checkout_id else []
            # Whose id is only like it is another customer's money.
            found = _most_telling([one for one in named if reading.reference(one) == checkout_id])
            for payment_id in dict.fromkeys((*payment_ids, *found)):
                # The search is late by some seconds: each is asked for itself.
                self._add(self._ask.payment(payment_id), preference_id)
            return self._report()

    def _report(self) -> Report:
        payments = list(self._payments.values())
        checkout = reading.checkout(self._preference, payments, now=self._asked_at) if self._preference else None
        return Report(provider=ProviderName.MERCADOPAGO, asked_at=self._asked_at, checkout=checkout, payments=tuple(payments))

    def _take_payment(self, payment_id: str) -> None:
        """With the order it belongs to, if there is one: it has the payment's checkout, and its other tries."""
        payment, preference_id = self._ask.payment(payment_id), ""
        order_id = ident(part(payment, "order"))
        if order_id and part(payment, "order", "type") == "mercadopago":
            try:
                order = self._ask.order(order_id)
            except CouldNotAsk as error:
                if error.code != "not_found":
                    raise
            else:
                preference_id = self._take_order(order, payment)
        self._add(payment, preference_id)

    def _take_order(self, order: Json, known: Json | None = None) -> str:
        """Returns the id of its preference, if it has one."""
        if preference_id := text(order.get("preference_id")):
            self._preference = self._ask.preference(preference_id)
        for payment_id in _most_telling(order.get("payments") or []):
            if payment_id != ident(known):
                self._add(self._ask.payment(payment_id), preference_id)
        return preference_id

    def _add(self, payment: Json, preference_id: str) -> None:
        self._payments.setdefault(ident(payment), reading.payment(payment, preference_id=preference_id))


def _most_telling(payments: list[Json]) -> list[str]:
    """Of a checkout with very many tries, as when stolen cards are tried out, those that were refused are left out."""
    return [ident(one) for one in sorted(payments, key=lambda one: one.get("status") in ("rejected", "cancelled"))[:MOST_ASKED]]

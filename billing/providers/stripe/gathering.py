"""From an event, or from our checkout, to everything that belongs together at Stripe: the session, its payments, its subscription."""

from datetime import datetime
from typing import Any

from billing.providers.asking import understood
from billing.providers.stripe import reading
from billing.providers.stripe.client import LABEL, Question
from billing.providers.values import ident, part
from billing.report import Report, ReportedPayment
from billing.states import PaymentState, ProviderName

Json = dict[str, Any]

_SESSION = ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
_INTENT = ("succeeded", "payment_failed", "canceled", "processing")
_EXACT = {
    **dict.fromkeys((f"checkout.session.{event}" for event in _SESSION), "session"),
    **dict.fromkeys((f"payment_intent.{event}" for event in _INTENT), "intent"),
    "charge.refunded": "charge",
    "charge.refund.updated": "refund",
    "invoice.paid": "invoice",
    "invoice.payment_failed": "invoice",
}
_FAMILIES = {"refund.": "refund", "charge.dispute.": "dispute", "customer.subscription.": "subscription"}


def kind_of(event_type: str) -> str:
    """What an event is about; empty for one that moves nothing. Thin events have the same names behind “v1.”."""
    name = event_type.removeprefix("v1.")
    return _EXACT.get(name) or next((kind for start, kind in _FAMILIES.items() if name.startswith(start)), "")


class Gathering:
    """One report in the making. Raises CouldNotAsk wherever it asks."""

    def __init__(self, asked_at: datetime) -> None:
        self._ask, self._asked_at = Question(), asked_at
        self._session: Json | None = None
        self._subscription: Json | None = None
        self._payments: dict[str, ReportedPayment] = {}

    def about(self, kind: str, thing_id: str) -> Report | None:
        """What an event names, as it is now. None where nothing of a checkout hangs on it."""
        with understood(LABEL):
            match kind:
                case "session":
                    self._take_session(self._ask.session(thing_id))
                case "invoice":
                    self._take_invoice(self._ask.invoice(thing_id))
                case "subscription":
                    self._take_subscription(thing_id)
                case "intent":
                    self._take_intent(thing_id)
                case _:
                    if not (intent_id := self._intent_of(kind, thing_id)):
                        return None
                    self._take_intent(intent_id)
            return self._report()

    def about_checkout(self, checkout_id: str, session_id: str, payment_ids: tuple[str, ...], subscription_id: str) -> Report:
        with understood(LABEL):
            if session_id:
                self._take_session(self._ask.session(session_id))
            if subscription_id and self._subscription is None:
                self._take_subscription(subscription_id)
            if self._subscription is not None:
                for invoice in self._ask.invoices(self._subscription["id"]):
                    self._take_invoice(invoice)
            if not (session_id or subscription_id or payment_ids):
                payment_ids = tuple(ident(one) for one in self._ask.intents_for(checkout_id))
            for payment_id in payment_ids:
                if payment_id not in self._payments:
                    self._take_payment(payment_id)
            return self._report()

    def _report(self) -> Report:
        session, payments = self._session, list(self._payments.values())
        return Report(
            provider=ProviderName.STRIPE,
            asked_at=self._asked_at,
            checkout=reading.checkout(session, payments) if session else None,
            payments=tuple(payments),
            subscription=reading.subscription(self._subscription, session=session) if self._subscription else None,
        )

    def _intent_of(self, kind: str, thing_id: str) -> str:
        """A charge, a refund or a dispute names the payment intent it belongs to; those of the time before intents name none."""
        ask = {"charge": self._ask.charge, "refund": self._ask.refund, "dispute": self._ask.dispute}[kind]
        return ident(ask(thing_id).get("payment_intent"))

    def _take_session(self, session: Json) -> None:
        self._session = session
        if subscription_id := ident(session.get("subscription")):
            self._take_subscription(subscription_id)
        if intent_id := ident(session.get("payment_intent")):
            self._take_intent(intent_id)
        elif invoice_id := ident(session.get("invoice")):
            self._take_invoice(self._ask.invoice(invoice_id))

    def _take_subscription(self, subscription_id: str) -> None:
        self._subscription = self._ask.subscription(subscription_id)
        if self._session is None:
            self._session = self._ask.session_of(subscription=subscription_id)

    def _take_invoice(self, invoice: Json) -> None:
        session = self._session_of(reading.subscription_of(invoice))
        intents, is_paid = reading.intents_of(invoice), invoice["status"] == "paid" and bool(invoice["amount_paid"])
        for intent_id in intents:
            # One that was asked about before its invoice may have been paid in between.
            if intent_id not in self._payments or (is_paid and not self._is_approved(intent_id)):
                self._add(self._ask.intent(intent_id), invoice, session)
        # Paid in another way than by an intent, also after one failed. An invoice over nothing, as at the start of a trial, is no payment.
        if is_paid and not any(self._is_approved(intent_id) for intent_id in intents):
            self._payments[invoice["id"]] = reading.invoice_payment(invoice, session=session)

    def _is_approved(self, payment_id: str) -> bool:
        return self._payments[payment_id].state is PaymentState.APPROVED

    def _session_of(self, subscription_id: str) -> Json | None:
        """The session that began a subscription, which is taken along if it is the first."""
        if subscription_id and self._subscription is None:
            self._take_subscription(subscription_id)
        return self._session if subscription_id and ident(part(self._session, "subscription")) == subscription_id else None

    def _take_payment(self, payment_id: str) -> None:
        if payment_id.startswith("in_"):
            self._take_invoice(self._ask.invoice(payment_id))
        else:
            self._take_intent(payment_id)

    def _take_intent(self, intent_id: str) -> None:
        intent = self._ask.intent(intent_id)
        is_known = ident(part(self._session, "payment_intent")) == intent_id
        session = self._session if is_known else self._ask.session_of(payment_intent=intent_id)
        # One that no session names may pay an invoice: the first of a subscription, or a renewal.
        invoice = None if session else self._ask.invoice_of(intent_id)
        session = session or self._session_of(reading.subscription_of(invoice))
        self._session = self._session or session
        self._add(intent, invoice, session)

    def _add(self, intent: Json, invoice: Json | None, session: Json | None) -> None:
        # Only what was charged can be refunded or disputed.
        was_charged = bool(intent.get("latest_charge"))
        refunds = self._ask.refunds(intent["id"]) if was_charged else []
        disputes = self._ask.disputes(intent["id"]) if was_charged else []
        self._payments[intent["id"]] = reading.payment(intent, refunds, disputes, session=session, invoice=invoice)

"""Subscriptions of a stand-in Stripe: periods, invoices and their payments."""

from sandbox.providers import stripe_objects as make
from sandbox.providers.stand_in import NotPossible
from sandbox.providers.stripe_charges import StripeCharges
from sandbox.providers.stripe_objects import Object, stamp
from sandbox.providers.stripe_state import INTERVALS


class StripeSubscriptions(StripeCharges):
    def renew(self, checkout: str, *, paid: bool = True) -> str:
        """The next period of a checkout's subscription. Not paid: past due, and the next call tries the same period again."""
        with self.lock:
            subscription = self.get(self.books.checkouts[checkout].subscription, "subscription")
            if subscription["status"] not in ("active", "past_due"):
                raise NotPossible(f"{subscription['id']} is {subscription['status']}.")
            session = self.objects[checkout]
            return self._bill(session, subscription, "subscription_cycle", paid=paid)

    def cancel(self, checkout: str, *, at_period_end: bool = False) -> None:
        with self.lock:
            subscription = self.get(self.books.checkouts[checkout].subscription, "subscription")
            now = stamp(self.now())
            subscription["canceled_at"] = now
            if at_period_end:
                subscription.update(cancel_at_period_end=True, cancel_at=subscription["items"]["data"][0]["current_period_end"])
                return self._happened("customer.subscription.updated", subscription, {"cancel_at_period_end": False})
            subscription.update(status="canceled", ended_at=now)
            return self._happened("customer.subscription.deleted", subscription)

    def _subscribe(self, session: Object) -> str:
        self._name_customer(session)
        interval, now = session["metadata"]["interval"], self.now()
        subscription = make.subscription(
            self.ids.text("sub_1", 23), self.ids.text("si_", 14), now, customer=session["customer"], currency=session["currency"],
            amount=session["amount_total"], interval=interval, until=now + INTERVALS[interval],
            metadata={key: value for key, value in session["metadata"].items() if key == "checkout_id"},
        )  # fmt: skip
        self._keep(subscription)
        session["subscription"] = self.books.checkouts[session["id"]].subscription = subscription["id"]
        self._happened("customer.subscription.created", subscription)
        payment = self._bill(session, subscription, "subscription_create", paid=True)
        session["invoice"] = subscription["latest_invoice"]
        self._index(session)
        self._complete(session, "paid")
        return payment

    def _bill(self, session: Object, subscription: Object, reason: str, *, paid: bool) -> str:
        """An invoice for a period with its payment. One that is past due is tried again with the same invoice and payment."""
        is_again = subscription["status"] == "past_due"
        if is_again:
            invoice = self.objects[subscription["latest_invoice"]]
            link = self._owned("invoice_payment", "invoice", invoice["id"])[0]
            intent = self.objects[link["payment"]["payment_intent"]]
        else:
            invoice, link, intent = self._new_invoice(session, subscription, reason)
        self._charge(intent, session["customer_email"] or "", "card")
        invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
        if paid:
            self._succeed(intent)
            self._pay_invoice(invoice, link, subscription)
        else:
            self._decline(intent, "card_declined")
            self._happened("invoice.payment_failed", invoice)
            if not is_again:
                subscription["status"] = "past_due"
                self._happened("customer.subscription.updated", subscription, {"status": "active"})
        return str(intent["id"])

    def _new_invoice(self, session: Object, subscription: Object, reason: str) -> tuple[Object, Object, Object]:
        item = subscription["items"]["data"][0]
        begins = self._moment(item["current_period_end" if reason == "subscription_cycle" else "current_period_start"])
        period = (begins, begins + INTERVALS[item["price"]["recurring"]["interval"]])
        amount = item["price"]["unit_amount"]
        invoice = self._keep(
            make.invoice(
                self.ids.text("in_1", 23), self.now(), subscription, line=self.ids.text("il_1", 23), period=period, amount=amount,
                email=session["customer_email"] or "", reason=reason,
            )
        )  # fmt: skip
        subscription["latest_invoice"] = invoice["id"]
        intent = self._intent(session, amount)
        self.books.payment(intent["id"]).period = period
        link = self._keep(make.invoice_payment(self.ids.text("inpay_1", 20), self.now(), invoice, intent))
        self._happened("invoice.created", invoice)
        self._happened("invoice.finalized", invoice)
        if reason == "subscription_cycle":
            item.update(current_period_start=stamp(period[0]), current_period_end=stamp(period[1]))
            self._happened("customer.subscription.updated", subscription, {"latest_invoice": None})
        return invoice, link, intent

    def _pay_invoice(self, invoice: Object, link: Object, subscription: Object) -> None:
        now, amount = stamp(self.now()), invoice["amount_due"]
        invoice.update(status="paid", amount_paid=amount, amount_remaining=0)
        invoice["status_transitions"]["paid_at"] = now
        link.update(status="paid", amount_paid=amount)
        link["status_transitions"]["paid_at"] = now
        if subscription["status"] == "past_due":
            subscription["status"] = "active"
            self._happened("customer.subscription.updated", subscription, {"status": "past_due"})
        self._happened("invoice.paid", invoice)
        self._happened("invoice.payment_succeeded", invoice)

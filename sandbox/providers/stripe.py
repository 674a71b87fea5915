"""A stand-in Stripe: what can happen to a checkout, a payment and a subscription, with all that Stripe makes of it."""

from sandbox.providers import stripe_objects as make
from sandbox.providers.stand_in import NotPossible
from sandbox.providers.stripe_objects import stamp
from sandbox.providers.stripe_subscriptions import StripeSubscriptions


class Stripe(StripeSubscriptions):
    """Checkouts are named by their session's id (cs_…), payments by their payment intent's (pi_…). Raises NotPossible."""

    def start_checkout(
        self, reference: str = "", *, amount: int, currency: str = "BRL", mode: str = "payment", interval: str = "month", email: str = "",
        customer_key: str = "", plan: str = "", expires_in: float = 86_400, is_tagged: bool = True,
    ) -> str:  # fmt: skip
        """`is_tagged`: whether the product also wrote its reference into the metadata of what follows. `customer_key`, `plan`: for the books."""
        with self.lock:
            metadata = {"checkout_id": reference, "interval": interval} if reference and is_tagged else {"interval": interval}
            session = make.session(
                self.ids.text("cs_test_a1", 56), self.now(), amount=amount, currency=currency, mode=mode, reference=reference, email=email,
                expires_in=expires_in, metadata=metadata,
            )  # fmt: skip
            self._keep(session)
            self._open_book(session["id"], reference, amount=amount, currency=currency, customer_key=customer_key, plan=plan)
            return str(session["id"])

    def pay(self, checkout: str, *, amount: int | None = None, currency: str = "") -> str:
        """At once, by card. `amount` and `currency`: when what is paid is not what was asked for."""
        with self.lock:
            session = self._open_session(checkout)
            if amount is not None or currency:
                session["amount_total"] = session["amount_subtotal"] = session["amount_total"] if amount is None else amount
                session["currency"] = (currency or session["currency"]).lower()
            if session["mode"] == "subscription":
                return self._subscribe(session)
            intent = self._begin(session, "card")
            self._succeed(intent)
            self._complete(session, "paid")
            return str(intent["id"])

    def begin_payment(self, checkout: str) -> str:
        """By boleto: the checkout is completed, the money comes later or never; see end_payment."""
        with self.lock:
            session = self._open_session(checkout)
            intent = self._begin(session, "boleto")
            intent["status"] = "processing"
            self._happened("payment_intent.processing", intent)
            self._complete(session, "unpaid")
            return str(intent["id"])

    def end_payment(self, payment: str, *, paid: bool = True) -> None:
        with self.lock:
            intent, session = self.get(payment, "payment_intent"), self._session_of(payment)
            if intent["status"] != "processing":
                raise NotPossible(f"{payment} is not processing.")
            if paid:
                self._succeed(intent)
                session["payment_status"] = "paid"
                self._happened("checkout.session.async_payment_succeeded", session)
            else:
                self._decline(intent, "payment_intent_payment_attempt_expired")
                self._happened("checkout.session.async_payment_failed", session)

    def fail(self, checkout: str, code: str = "card_declined") -> str:
        """A card that is declined; the checkout stays open for another try."""
        with self.lock:
            intent = self._begin(self._open_session(checkout), "card")
            self._decline(intent, code)
            return str(intent["id"])

    def expire(self, checkout: str) -> None:
        with self.lock:
            session = self._open_session(checkout)
            session["status"], session["expires_at"] = "expired", stamp(self.now())
            book = self.books.checkouts[checkout]
            book.state = "expired"
            for intent_id in [session["payment_intent"]] if session["payment_intent"] else []:
                intent = self.objects[intent_id]
                intent.update(status="canceled", canceled_at=stamp(self.now()), cancellation_reason="abandoned")
                book.payments[intent_id].state = "cancelled"
                self._happened("payment_intent.canceled", intent)
            self._happened("checkout.session.expired", session)

    def refund(self, payment: str, amount: int | None = None, *, is_slow: bool = False) -> str:
        """All that is left, or a part. `is_slow`: on its way until end_refund."""
        with self.lock:
            charge = self._charge_of(payment)
            left = charge["amount"] - charge["amount_refunded"]
            wanted = left if amount is None else amount
            if not 0 < wanted <= left:
                raise NotPossible(f"{wanted} cannot be refunded: {left} is left.")
            refund = self._keep(
                make.refund(self.ids.text("re_3", 23), self.now(), charge, amount=wanted, status="pending" if is_slow else "succeeded")
            )
            # Stripe counts it on the charge at once, and takes it back when it fails.
            self._move_refunded(charge, wanted)
            self.books.payment(payment).refunds[refund["id"]] = (wanted, refund["status"])
            self._happened("refund.created", refund)
            self._happened("charge.refunded", charge)
            return str(refund["id"])

    def end_refund(self, refund: str, *, done: bool = True) -> None:
        """Also one that was done can still fail: the bank sends it back."""
        with self.lock:
            one = self.get(refund, "refund")
            charge, before = self.objects[one["charge"]], one["status"]
            if before == "failed" or (done and before == "succeeded"):
                raise NotPossible(f"{refund} is {before}.")
            one["status"] = "succeeded" if done else "failed"
            self.books.payment(one["payment_intent"]).refunds[refund] = (one["amount"], one["status"])
            if not done:
                one["failure_reason"] = "expired_or_canceled_card"
                self._move_refunded(charge, -one["amount"])
                self._happened("refund.failed", one)
            self._happened("refund.updated", one, {"status": before})
            self._happened("charge.refund.updated", one, {"status": before})

    def dispute(self, payment: str, amount: int | None = None, reason: str = "fraudulent") -> str:
        with self.lock:
            charge = self._charge_of(payment)
            dispute = self._keep(
                make.dispute(self.ids.text("du_1", 23), self.now(), charge, amount=charge["amount"] if amount is None else amount, reason=reason)
            )
            charge["disputed"] = True
            self.books.payment(payment).dispute = "open"
            self._happened("charge.dispute.created", dispute)
            self._happened("charge.dispute.funds_withdrawn", dispute)
            return str(dispute["id"])

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        with self.lock:
            one = self.get(dispute, "dispute")
            if one["status"] in ("won", "lost"):
                raise NotPossible(f"{dispute} is {one['status']}.")
            one["status"] = "won" if won else "lost"
            self.books.payment(one["payment_intent"]).dispute = one["status"]
            if won:
                self._happened("charge.dispute.funds_reinstated", one)
            self._happened("charge.dispute.closed", one)

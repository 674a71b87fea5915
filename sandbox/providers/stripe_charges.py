"""How a stand-in Stripe takes a payment: the intent, its charges, and what the session makes of them."""

from datetime import datetime

from sandbox.providers import stripe_objects as make
from sandbox.providers.stand_in import NotPossible
from sandbox.providers.stripe_objects import Object
from sandbox.providers.stripe_state import StripeState


class StripeCharges(StripeState):
    def _open_session(self, checkout: str) -> Object:
        session = self.get(checkout, "checkout.session")
        if session["status"] != "open":
            raise NotPossible(f"{checkout} is {session['status']}.")
        return session

    def _charge_of(self, payment: str) -> Object:
        charge = self.objects.get(self.get(payment, "payment_intent")["latest_charge"] or "")
        if charge is None or charge["status"] != "succeeded":
            raise NotPossible(f"{payment} is not paid.")
        return charge

    def _begin(self, session: Object, method: str) -> Object:
        """The session's payment intent, with a new charge. A session has one intent, however often a card is declined."""
        email = session["customer_email"] or ""
        self._name_customer(session)
        intent = self.objects.get(session["payment_intent"] or "")
        if intent is None:
            intent = self._intent(session, session["amount_total"])
            session["payment_intent"] = intent["id"]
            self._index(session)
        intent.update(amount=session["amount_total"], currency=session["currency"], payment_method_types=[method])
        self._charge(intent, email, method)
        return intent

    def _name_customer(self, session: Object) -> None:
        if not session["customer"]:
            session["customer"] = self.ids.text("cus_", 14)
            details: Object = {"name": None, "phone": None, "address": None, "tax_exempt": "none", "tax_ids": []}
            session["customer_details"] = {"email": session["customer_email"], **details}

    def _intent(self, session: Object, amount: int) -> Object:
        metadata = {key: value for key, value in session["metadata"].items() if key == "checkout_id"}
        intent = make.payment_intent(
            self.ids.text("pi_3", 23), self.now(), amount=amount, currency=session["currency"], customer=session["customer"], metadata=metadata
        )
        self._keep(intent)
        self._book(session["id"], intent["id"], amount, intent["currency"], "pending")
        self._happened("payment_intent.created", intent)
        return intent

    def _charge(self, intent: Object, email: str, method: str) -> Object:
        charge = self._keep(make.charge(self.ids.text("ch_3", 23), self.now(), intent, email=email, method=method))
        intent["latest_charge"] = charge["id"]
        self._book_intent(intent, "pending")
        return charge

    def _succeed(self, intent: Object) -> None:
        charge = self.objects[intent["latest_charge"]]
        charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"], balance_transaction=self.ids.text("txn_3", 23))
        intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None, payment_method=self.ids.text("pm_1", 23))
        self._book_intent(intent, "approved")
        self._happened("charge.succeeded", charge)
        self._happened("payment_intent.succeeded", intent)

    def _decline(self, intent: Object, code: str) -> None:
        charge = self.objects[intent["latest_charge"]]
        words = "Your card was declined." if code == "card_declined" else "The payment was not made in time."
        charge.update(status="failed", failure_code=code, failure_message=words)
        intent.update(
            status="requires_payment_method", last_payment_error={"type": "card_error", "code": code, "message": words, "charge": charge["id"]}
        )
        self._book_intent(intent, "rejected")
        self._happened("charge.failed", charge)
        self._happened("payment_intent.payment_failed", intent)

    def _book_intent(self, intent: Object, state: str) -> None:
        # Stripe tells no other moment of a payment than its charge's, also of a slip that is paid days later.
        at = self._moment(self.objects[intent["latest_charge"]]["created"])
        self._book(self.books.checkout_of(intent["id"]).id, intent["id"], intent["amount"], intent["currency"], state, at=at)

    def _moment(self, seconds: int) -> datetime:
        return datetime.fromtimestamp(seconds, self.now().tzinfo)

    def _complete(self, session: Object, payment_status: str) -> None:
        session.update(status="complete", payment_status=payment_status)
        self._happened("checkout.session.completed", session)

    def _move_refunded(self, charge: Object, amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]

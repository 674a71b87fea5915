"""A stand-in Mercado Pago: what can happen to a checkout and to its payments."""

from sandbox.providers import mercadopago_objects as make
from sandbox.providers.mercadopago_objects import Object, decimal, minor, moment
from sandbox.providers.mercadopago_state import MercadoPagoState
from sandbox.providers.stand_in import NotPossible


class MercadoPago(MercadoPagoState):
    """Checkouts are named by their preference's id, payments by theirs. The same verbs as the stand-in Stripe's. Raises NotPossible."""

    def start_checkout(
        self, reference: str = "", *, amount: int, currency: str = "BRL", email: str = "", customer_key: str = "", plan: str = "",
        expires_in: float = 86_400,
    ) -> str:  # fmt: skip
        """`customer_key`, `plan`: for the books."""
        with self.lock:
            id = f"{self.user['id']}-{self.ids.uuid()}"
            self.preferences[id] = make.preference(
                id, self.now(), collector=self.user["id"], reference=reference, title=plan or "Plan", amount=amount, currency=currency, email=email,
                expires_in=expires_in,
            )  # fmt: skip
            self._open_book(id, reference, amount=amount, currency=currency, customer_key=customer_key, plan=plan)
            return id

    def pay(self, checkout: str, *, amount: int | None = None, currency: str = "") -> str:
        """At once, by card. `amount` and `currency`: when what is paid is not what was asked for."""
        with self.lock:
            payment = self._new_payment(checkout, "visa", amount, currency)
            self._approve(payment, is_new=True)
            return str(payment["id"])

    def begin_payment(self, checkout: str) -> str:
        """A pix whose code was shown; see end_payment."""
        with self.lock:
            payment = self._new_payment(checkout, "pix")
            self._moved(payment, "pending", "pending_waiting_transfer", is_new=True)
            return str(payment["id"])

    def review(self, checkout: str) -> str:
        """A card payment that somebody at Mercado Pago looks at; see end_payment."""
        with self.lock:
            payment = self._new_payment(checkout, "visa")
            self._moved(payment, "in_process", "pending_review_manual", is_new=True)
            return str(payment["id"])

    def end_payment(self, payment: str, *, paid: bool = True) -> None:
        with self.lock:
            one = self.payment(payment)
            if one["status"] not in ("pending", "in_process"):
                raise NotPossible(f"{payment} is {one['status']}.")
            if paid:
                return self._approve(one)
            is_pix = one["status"] == "pending"
            self._book_state(one, "cancelled" if is_pix else "rejected")
            return self._moved(one, "cancelled" if is_pix else "rejected", "expired" if is_pix else "cc_rejected_high_risk")

    def fail(self, checkout: str, code: str = "cc_rejected_insufficient_amount") -> str:
        """A card that is declined; the preference can be paid again."""
        with self.lock:
            payment = self._new_payment(checkout, "visa")
            self._book_state(payment, "rejected")
            self._moved(payment, "rejected", code, is_new=True)
            return str(payment["id"])

    def expire(self, checkout: str) -> None:
        """A preference ends without a word; payments that were begun are cancelled."""
        with self.lock:
            book = self.books.checkouts[checkout]
            for payment in list(book.payments):
                if self.payments[payment]["status"] in ("pending", "in_process"):
                    self.end_payment(payment, paid=False)
            self.preferences[checkout]["expiration_date_to"] = moment(self.now())
            book.state = "expired"

    def refund(self, payment: str, amount: int | None = None, *, is_slow: bool = False) -> str:
        """All that is left, or a part. `is_slow`: on its way until end_refund."""
        with self.lock:
            one = self._paid(payment)
            left = minor(one["transaction_amount"]) - minor(one["transaction_amount_refunded"])
            wanted = left if amount is None else amount
            if not 0 < wanted <= left:
                raise NotPossible(f"{wanted} cannot be refunded: {left} is left.")
            status = "in_process" if is_slow else "approved"
            refund = make.refund(self.ids.number(10), self.now(), one, amount=wanted, status=status)
            one["refunds"].append(refund)
            self.refunds[str(refund["id"])] = refund
            self._book_refund(one, refund)
            self._refunds_moved(one)
            return str(refund["id"])

    def end_refund(self, refund: str, *, done: bool = True) -> None:
        with self.lock:
            if refund not in self.refunds:
                raise NotPossible(f"Refund {refund} not found")
            one = self.refunds[refund]
            if one["status"] == "rejected" or (done and one["status"] == "approved"):
                raise NotPossible(f"Refund {refund} is {one['status']}.")
            payment = self.payments[str(one["payment_id"])]
            one["status"] = "approved" if done else "rejected"
            self._book_refund(payment, one)
            self._refunds_moved(payment)

    def dispute(self, payment: str, amount: int | None = None) -> str:
        with self.lock:
            one = self._paid(payment)
            wanted = minor(one["transaction_amount"]) if amount is None else amount
            chargeback = make.chargeback(self.ids.number(12), self.now(), one, amount=wanted)
            self.chargebacks[chargeback["id"]] = chargeback
            self.books.payment(payment).dispute = "open"
            self._moved(one, "charged_back", "in_process")
            return str(chargeback["id"])

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        with self.lock:
            chargeback = self.chargebacks[dispute]
            if chargeback["coverage_applied"] is not None:
                raise NotPossible(f"Chargeback {dispute} is closed.")
            chargeback.update(coverage_applied=won, documentation_status="valid" if won else "invalid", date_last_updated=moment(self.now()))
            payment = str(chargeback["payments"][0])
            self.books.payment(payment).dispute = "won" if won else "lost"
            self._moved(self.payments[payment], "charged_back", "reimbursed" if won else "settled")

    def _new_payment(self, checkout: str, method: str, amount: int | None = None, currency: str = "") -> Object:
        if checkout not in self.preferences:
            raise NotPossible(f"Preference {checkout} not found")
        of, book = self.preferences[checkout], self.books.checkouts[checkout]
        if book.state == "expired":
            raise NotPossible(f"{checkout} is expired.")
        if checkout not in self.order_of:
            order = make.merchant_order(self.ids.number(11), self.now(), of)
            self.orders[str(order["id"])] = order
            self.order_of[checkout] = str(order["id"])
        item = of["items"][0]
        asked = minor(item["unit_price"]) if amount is None else amount
        payment = make.payment(
            self.ids.number(11), self.now(), of, order=int(self.order_of[checkout]), amount=asked, currency=currency or item["currency_id"], method=method,
            payer=self.ids.number(9),
        )  # fmt: skip
        self._keep(payment)
        self._book(checkout, str(payment["id"]), asked, payment["currency_id"], "pending")
        return payment

    def _approve(self, payment: Object, *, is_new: bool = False) -> None:
        payment["date_approved"] = moment(self.now())
        payment["transaction_details"]["net_received_amount"] = round(payment["transaction_amount"] * 0.95, 2)
        self._book_state(payment, "approved")
        self._moved(payment, "approved", "accredited", is_new=is_new)

    def _paid(self, payment: str) -> Object:
        one = self.payment(payment)
        if one["status"] != "approved":
            raise NotPossible(f"{payment} is {one['status']}.")
        return one

    def _book_state(self, payment: Object, state: str) -> None:
        id = str(payment["id"])
        self._book(self.books.checkout_of(id).id, id, minor(payment["transaction_amount"]), payment["currency_id"], state)

    def _book_refund(self, payment: Object, refund: Object) -> None:
        state = {"approved": "succeeded", "rejected": "failed", "in_process": "pending"}[refund["status"]]
        self.books.payment(str(payment["id"])).refunds[str(refund["id"])] = (minor(refund["amount"]), state)

    def _refunds_moved(self, payment: Object) -> None:
        done = sum(minor(one["amount"]) for one in payment["refunds"] if one["status"] == "approved")
        payment["transaction_amount_refunded"] = decimal(done)
        if done == minor(payment["transaction_amount"]):
            return self._moved(payment, "refunded", "refunded")
        return self._moved(payment, "approved", "partially_refunded" if done else "accredited")

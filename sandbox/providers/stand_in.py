"""What both stand-ins are made of."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from opsportal import clock
from sandbox.providers.books import BookedCheckout, BookedPayment, Books
from sandbox.providers.ids import Ids
from sandbox.providers.sending import Sender
from sandbox.providers.trouble import Trouble


class NotPossible(ValueError):
    """The provider would refuse this; the text is for a person."""


class StandIn:
    """`key`: what its callers must show. `secrets`: it signs with each. `now`: its clock, of which its objects' times are; signatures have the real time.

    Every happening holds `lock`, changes the objects, writes the books and sends its webhooks. A checkout and a payment are named by the provider's ids.
    """

    name = ""

    def __init__(
        self,
        *,
        key: str,
        secrets: list[str],
        webhook_url: str = "",
        now: Callable[[], datetime] = clock.now,
        seed: int | str = 1,
        sender: Sender | None = None,
    ) -> None:
        self.key, self.secrets, self.webhook_url, self.now = key, secrets, webhook_url, now
        self.lock = threading.RLock()
        self.ids = Ids(f"{self.name} {seed}")
        self.books = Books()
        self.trouble = Trouble()
        self.sender = sender or Sender()
        # Signatures are checked against the machine's clock.
        self.signs_at: Callable[[], float] = time.time

    def _open_book(self, checkout_id: str, reference: str, *, amount: int, currency: str, customer_key: str, plan: str) -> None:
        self.books.open(BookedCheckout(self.name, checkout_id, reference, customer_key, plan, amount, currency.upper(), self.now()))

    def _book(self, checkout_id: str, payment_id: str, amount: int, currency: str, state: str, *, at: datetime | None = None) -> None:
        """A payment and, for a checkout that is not paid yet, what it makes of it. `at`: when it was made, now if nothing is said."""
        known = self.books.checkouts[checkout_id].payments.get(payment_id)
        payment = known or BookedPayment(payment_id, amount, currency.upper(), state, self.now())
        payment.state, payment.amount, payment.currency = state, amount, currency.upper()
        if state == "approved":
            payment.at = at or self.now()
        self.books.book(checkout_id, payment)
        checkout = self.books.checkouts[checkout_id]
        if checkout.state != "paid":
            checkout.state = {"approved": "paid", "pending": "pending", "rejected": "failed", "cancelled": "failed"}[state]

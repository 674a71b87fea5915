"""What really happened, written down as it happens and apart from what the stand-ins answer: for a check that believes neither side.

Amounts are minor units with an ISO 4217 code in capitals; moments are aware.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class BookedPayment:
    """`state`: pending, rejected, cancelled or approved. `refunds`: amount and state (pending, succeeded, failed) by id. `dispute`: "", open, lost, won."""

    id: str
    amount: int
    currency: str
    state: str
    at: datetime
    period: tuple[datetime, datetime] | None = None
    refunds: dict[str, tuple[int, str]] = field(default_factory=dict)
    dispute: str = ""

    @property
    def refunded(self) -> int:
        return sum(amount for amount, state in self.refunds.values() if state == "succeeded")

    @property
    def stands(self) -> bool:
        return self.state == "approved" and self.refunded < self.amount and self.dispute != "lost"


@dataclass
class BookedCheckout:
    """`state`: open, pending, failed, expired or paid. `reference`, `customer` and `plan` are the product's own."""

    provider: str
    id: str
    reference: str
    customer: str
    plan: str
    amount: int
    currency: str
    started_at: datetime
    state: str = "open"
    subscription: str = ""
    payments: dict[str, BookedPayment] = field(default_factory=dict)


class Books:
    """One provider's. Written under its lock."""

    def __init__(self) -> None:
        self.checkouts: dict[str, BookedCheckout] = {}
        self._of_payment: dict[str, BookedCheckout] = {}

    def open(self, checkout: BookedCheckout) -> None:
        self.checkouts[checkout.id] = checkout

    def book(self, checkout_id: str, payment: BookedPayment) -> None:
        """A payment, or what has become of it."""
        checkout = self.checkouts[checkout_id]
        checkout.payments[payment.id] = payment
        self._of_payment[payment.id] = checkout

    def checkout_of(self, payment_id: str) -> BookedCheckout:
        return self._of_payment[payment_id]

    def payment(self, payment_id: str) -> BookedPayment:
        return self._of_payment[payment_id].payments[payment_id]

    def payments(self) -> Iterator[tuple[BookedCheckout, BookedPayment]]:
        for checkout in self.checkouts.values():
            for payment in checkout.payments.values():
                yield checkout, payment

"""What a payment provider says, in our words: the one shape in which Stripe's and Mercado Pago's answers reach the rest of billing.

Amounts are minor units with an ISO 4217 code; moments are aware, in UTC; ids are the provider's own, verbatim; what the provider did
not say is None or "".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.states import CheckoutState, DisputeState, PaymentState, RefundState


@dataclass(frozen=True, slots=True)
class ReportedRefund:
    id: str
    amount: int
    currency: str
    state: RefundState
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedDispute:
    id: str
    amount: int
    currency: str
    state: DisputeState
    reason: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedPayment:
    """`state` is pending, rejected, cancelled or approved: what refunds and disputes make of it is decided in settling.

    `status` and `detail` are the provider's own words. `reference` is our checkout's id, if the provider was given it.
    `period_start` and `period_end`: what an invoice of a subscription pays for.
    """

    id: str
    state: PaymentState
    status: str
    amount: int
    currency: str
    detail: str = ""
    created_at: datetime | None = None
    paid_at: datetime | None = None
    reference: str = ""
    session_id: str = ""
    customer_id: str = ""
    email: str = ""
    subscription_id: str = ""
    invoice_id: str = ""
    period_start: datetime | None = None
    period_end: datetime | None = None
    refunds: tuple[ReportedRefund, ...] = ()
    disputes: tuple[ReportedDispute, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedCheckout:
    """A Stripe Checkout session, or a Mercado Pago preference with its merchant orders."""

    id: str
    state: CheckoutState
    status: str
    amount: int | None
    currency: str
    reference: str = ""
    customer_id: str = ""
    email: str = ""
    subscription_id: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedSubscription:
    """`status` is the provider's own word."""

    id: str
    status: str
    reference: str = ""
    customer_id: str = ""
    current_period_end: datetime | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one question brought. `asked_at`: when it was asked, before the answer came."""

    provider: str
    asked_at: datetime
    checkout: ReportedCheckout | None = None
    payments: tuple[ReportedPayment, ...] = ()
    subscription: ReportedSubscription | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook as it came: the raw body, headers by their name in small letters, the first value of each query parameter."""

    raw: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verified:
    """A delivery that may be kept. `is_signed` False: a kind that its provider does not sign; kept, never trusted, confirmed all the same.

    `signed_by`: "current", "previous" or "". `note` says what was unusual, such as the spelling of the id that matched.
    """

    event_id: str
    event_type: str
    object_id: str
    created_at: datetime | None
    live_mode: bool | None
    is_signed: bool
    signed_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened at the provider, from its own list: an event we may have missed.

    `says`: a payment's status, its detail and what of it was refunded, where the list is one of payments: such a change has no id by which
    its webhook could be known again.
    """

    event_id: str
    event_type: str
    object_id: str
    created_at: datetime
    body: bytes
    says: tuple[str, str, int] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is. `facts` are (label, value) for a person."""

    id: str
    name: str
    live_mode: bool | None
    facts: tuple[tuple[str, str], ...] = ()


class BadSignature(Exception):
    """A delivery that is not to be kept as an event. `reason` is a code: missing, malformed, mismatch, too_old, no_secret, bad_body."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason


class CouldNotAsk(Exception):
    """The provider gave no answer that can be used; the text is for a person and holds no secret.

    `code`: no_token, refused_token, unreachable, timeout, too_many, not_found, broken. `again`: whether another try may help.
    """

    def __init__(self, code: str, words: str, *, again: bool = True) -> None:
        super().__init__(words)
        self.code = code
        self.again = again

"""The types of events that are acted on, and what happens. The page of effects and docs/operations.md are this table.

Whatever an event says of itself, the provider is asked: so a late or repeated one does no harm, and each line says what follows from
what is true at that moment. A type that ends with “*” stands for all that begin so. Other types are kept and move nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.states import ProviderName

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ActedOn:
    """`status`: where one type of event has many meanings, the provider's word that makes the difference."""

    provider: ProviderName
    event_type: str
    effect: Text
    status: str = ""


_STRIPE: tuple[tuple[str, Text], ...] = (
    ("checkout.session.completed", _("The checkout is paid if its payment is, and the customer gets the plan; else it waits for the payment.")),
    (
        "checkout.session.async_payment_succeeded",
        _("What took time (Pix, boleto, a transfer) was paid: the checkout is paid, the customer gets the plan."),
    ),
    ("checkout.session.async_payment_failed", _("What took time was not paid: the checkout is marked as not paid. No plan.")),
    ("checkout.session.expired", _("The checkout is marked as expired. No plan.")),
    ("payment_intent.succeeded", _("The payment is approved: the checkout is paid, the customer gets the plan.")),
    ("payment_intent.processing", _("The payment is recorded as pending. No plan yet.")),
    ("payment_intent.payment_failed", _("The payment is recorded as rejected. No plan; the customer may try again.")),
    ("payment_intent.canceled", _("The payment is recorded as cancelled. No plan.")),
    ("charge.refunded", _("Refunded in full: the plan ends. In part: the refund is recorded, the plan stays.")),
    ("charge.refund.updated", _("The refund's state is recorded. One that failed gives the plan back.")),
    ("refund.*", _("The refund's state is recorded. In full and done: the plan ends. Failed: the plan comes back.")),
    ("charge.dispute.*", _("Open: recorded, the plan stays. Lost: the plan ends. Won: the plan stays, or comes back.")),
    ("invoice.paid", _("A payment of a subscription: the plan is granted for the period that the invoice pays for.")),
    ("invoice.payment_failed", _("The renewal is recorded as unpaid; the plan runs out at the end of its period.")),
    ("customer.subscription.*", _("The subscription's state is recorded. The plan follows its payments, so it moves nothing by itself.")),
)
# Mercado Pago says only that a payment changed; what it is now makes the difference.
_MERCADOPAGO: tuple[tuple[str, str, Text], ...] = (
    ("payment.*", "approved", _("The payment is approved: the checkout is paid, the customer gets the plan.")),
    ("payment.*", "pending, in_process, authorized", _("The payment is recorded as pending. No plan yet.")),
    ("payment.*", "rejected", _("The payment is recorded as rejected. No plan; the customer may try again.")),
    ("payment.*", "cancelled", _("The payment is recorded as cancelled. No plan.")),
    ("payment.*", "refunded", _("Refunded in full: the plan ends. In part (the status stays approved): the refund is recorded, the plan stays.")),
    ("payment.*", "in_mediation", _("A dispute is open: recorded, the plan stays until it is decided.")),
    ("payment.*", "charged_back", _("Open: recorded, the plan stays. Settled: the plan ends. Reimbursed: the plan stays, or comes back.")),
    ("merchant_order", "", _("Every payment of the order is asked about, and does as above.")),
    ("topic_merchant_order_wh", "", _("As merchant_order.")),
    ("chargebacks", "", _("Every payment of the chargeback is asked about, and does as above.")),
    ("topic_chargebacks_wh", "", _("As chargebacks.")),
)

TABLE: tuple[ActedOn, ...] = (
    *(ActedOn(ProviderName.STRIPE, event_type, effect) for event_type, effect in _STRIPE),
    *(ActedOn(ProviderName.MERCADOPAGO, event_type, effect, status) for event_type, status, effect in _MERCADOPAGO),
)


def lines_for(provider: str, event_type: str) -> Iterator[ActedOn]:
    """What is said of a type of event; nothing for one that moves nothing. Stripe's thin events have the same names behind “v1.”."""
    name = event_type.removeprefix("v1.") if provider == ProviderName.STRIPE else event_type
    for line in TABLE:
        family = line.event_type.removesuffix("*")
        if line.provider == provider and (name == line.event_type or (family != line.event_type and f"{name}.".startswith(family))):
            yield line

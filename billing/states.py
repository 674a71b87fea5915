"""The states of what is billed. Which may follow which, and why, is in transitions.py."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProviderName(TextChoices):
    STRIPE = "stripe", "Stripe"
    MERCADOPAGO = "mercadopago", "Mercado Pago"


class CheckoutState(TextChoices):
    OPEN = "open", pgettext_lazy("checkout", "open")
    PENDING = "pending", pgettext_lazy("checkout", "payment pending")
    FAILED = "failed", pgettext_lazy("checkout", "not paid")
    EXPIRED = "expired", pgettext_lazy("checkout", "expired")
    PAID = "paid", pgettext_lazy("checkout", "paid")


class PaymentState(TextChoices):
    PENDING = "pending", pgettext_lazy("payment", "pending")
    REJECTED = "rejected", pgettext_lazy("payment", "rejected")
    CANCELLED = "cancelled", pgettext_lazy("payment", "cancelled")
    APPROVED = "approved", pgettext_lazy("payment", "approved")
    REFUNDED = "refunded", pgettext_lazy("payment", "refunded")
    CHARGED_BACK = "charged_back", pgettext_lazy("payment", "charged back")


class RefundState(TextChoices):
    PENDING = "pending", pgettext_lazy("refund", "on its way")
    SUCCEEDED = "succeeded", pgettext_lazy("refund", "done")
    FAILED = "failed", pgettext_lazy("refund", "failed")


class DisputeState(TextChoices):
    OPEN = "open", pgettext_lazy("dispute", "open")
    LOST = "lost", pgettext_lazy("dispute", "lost")
    WON = "won", pgettext_lazy("dispute", "won")


class EventState(TextChoices):
    """`waiting`: a try failed, the next one has its time. `person`: no more tries by itself. `handled`: a person wrote a note instead."""

    RECEIVED = "received", pgettext_lazy("webhook event", "received")
    WAITING = "waiting", pgettext_lazy("webhook event", "will be tried again")
    PERSON = "person", pgettext_lazy("webhook event", "needs a person")
    DONE = "done", pgettext_lazy("webhook event", "processed")
    HANDLED = "handled", pgettext_lazy("webhook event", "handled by a person")


class FindingKind(TextChoices):
    """What the sides can disagree about. One kind and one subject make at most one open finding."""

    PAID_WITHOUT_PLAN = "paid_without_plan", _("Paid, plan not given")
    PLAN_WITHOUT_PAYMENT = "plan_without_payment", _("Plan without a payment")
    REFUNDED_WITH_PLAN = "refunded_with_plan", _("Refunded or charged back, plan still there")
    AMOUNT_DIFFERS = "amount_differs", _("Amount differs")
    CURRENCY_DIFFERS = "currency_differs", _("Currency differs")
    PAID_TWICE = "paid_twice", _("Paid twice")
    PAYMENT_WITHOUT_CHECKOUT = "payment_without_checkout", _("Payment without a checkout")
    STATE_DIFFERS = "state_differs", _("Checkout and payment disagree")
    PROVIDER_DIFFERS = "provider_differs", _("The provider says otherwise")
    EVENT_WITHOUT_EFFECT = "event_without_effect", _("Answered 200, without effect")
    EVENT_NEEDS_PERSON = "event_needs_person", _("Event needs a person")
    PRODUCT_NOT_TOLD = "product_not_told", _("The product has not confirmed")

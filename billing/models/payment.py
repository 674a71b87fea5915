from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.checkout import Checkout
from billing.states import DisputeState, PaymentState, ProviderName, RefundState


class Payment(models.Model):
    """Money that a provider moved, or tried to. `base` is how far the payment itself came (pending … approved); `state` is what
    refunds and disputes have made of it. Both only go forward, by transitions.py. Never removed: the database refuses it."""

    provider = models.CharField(_("provider"), max_length=20, choices=ProviderName.choices)
    payment_id = models.CharField(_("id at the provider"), max_length=200)
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="payments")
    # Our checkout's id as the provider has it, also when there is no such checkout here.
    reference = models.CharField(_("reference"), max_length=200, blank=True, db_default="")
    invoice_id = models.CharField(_("invoice"), max_length=200, blank=True, db_default="")
    subscription_id = models.CharField(_("subscription"), max_length=200, blank=True, db_default="")
    email = models.CharField(_("email"), max_length=200, blank=True, db_default="")
    amount = models.BigIntegerField(_("amount"))
    refunded = models.BigIntegerField(_("refunded"), default=0, db_default=0)
    currency = models.CharField(_("currency"), max_length=3)
    base = models.CharField(max_length=12, choices=PaymentState.choices, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=PaymentState.choices)
    status = models.CharField(_("status at the provider"), max_length=60, blank=True, db_default="")
    detail = models.CharField(_("detail at the provider"), max_length=200, blank=True, db_default="")
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    paid_at = models.DateTimeField(_("paid"), null=True)
    # When the provider was last asked and confirmed this.
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    updated_at = models.DateTimeField(_("last change"), db_default=Now())

    class Meta:
        db_table = "payments"
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["provider", "payment_id"], name="payment_once"),
            models.CheckConstraint(condition=Q(state__in=PaymentState.values), name="payment_state_known"),
            models.CheckConstraint(condition=Q(base__in=["pending", "rejected", "cancelled", "approved"]), name="payment_base_known"),
            models.CheckConstraint(condition=Q(amount__gte=0, refunded__gte=0), name="payment_amounts_not_negative"),
        ]
        indexes = [
            models.Index("payment_id", name="payment_by_id"),
            models.Index(F("created_at").desc(), F("id").desc(), name="payment_newest"),
            models.Index("id", name="payment_without_checkout", condition=Q(checkout__isnull=True)),
            models.Index("provider", "subscription_id", name="payment_by_subscription", condition=~Q(subscription_id="")),
            models.Index("reference", name="payment_by_reference", condition=~Q(reference="")),
        ]

    def __str__(self) -> str:
        return self.payment_id

    @property
    def stands(self) -> bool:
        """Whether what it paid for is owed."""
        return self.state == PaymentState.APPROVED


class Refund(models.Model):
    """Money given back, whole or in part."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    refund_id = models.CharField(_("id at the provider"), max_length=200)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=RefundState.choices)
    at = models.DateTimeField(_("refunded"), null=True)

    class Meta:
        db_table = "refunds"
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [models.UniqueConstraint(fields=["payment", "refund_id"], name="refund_once")]

    def __str__(self) -> str:
        return self.refund_id


class Dispute(models.Model):
    """A customer's bank asks for the money back."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    dispute_id = models.CharField(_("id at the provider"), max_length=200)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=DisputeState.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True, db_default="")
    at = models.DateTimeField(_("opened"), null=True)

    class Meta:
        db_table = "disputes"
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [models.UniqueConstraint(fields=["payment", "dispute_id"], name="dispute_once")]

    def __str__(self) -> str:
        return self.dispute_id

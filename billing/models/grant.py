import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models.checkout import Checkout, Plan
from billing.models.payment import Payment


class Grant(models.Model):
    """A customer has a plan from then until then. One payment gives at most one; `ended_at` takes it away before its time."""

    class Source(models.TextChoices):
        PAYMENT = "payment", pgettext_lazy("plan given by", "a payment")
        HAND = "hand", pgettext_lazy("plan given by", "a person")

    class Ended(models.TextChoices):
        REFUNDED = "refunded", _("the payment was refunded")
        CHARGED_BACK = "charged_back", _("the payment was charged back")
        NOT_PAID = "not_paid", _("there is no payment that stands")
        HAND = "hand", _("a person ended it")

    customer_key = models.CharField(_("customer"), max_length=100)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="grants")
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="grants")
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="grant")
    source = models.CharField(_("given by"), max_length=8, choices=Source.choices, default=Source.PAYMENT)
    starts_at = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), null=True)
    granted_at = models.DateTimeField(_("given"), db_default=Now())
    granted_by = models.CharField(max_length=200, blank=True, db_default="")
    reason = models.TextField(_("reason"), blank=True, db_default="")
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_because = models.CharField(max_length=14, choices=Ended.choices, blank=True, db_default="")

    class Meta:
        db_table = "plan_grants"
        verbose_name = _("granted plan")
        verbose_name_plural = _("granted plans")
        constraints = [
            models.CheckConstraint(condition=~Q(source="hand") | (Q(until__isnull=False) & ~Q(reason="")), name="grant_by_hand_has_end_and_reason"),
            models.CheckConstraint(condition=Q(ended_at=None, ended_because="") | (Q(ended_at__isnull=False) & ~Q(ended_because="")), name="ended_grant_says_why"),
        ]  # fmt: skip
        indexes = [
            models.Index("customer_key", F("until").desc(), name="grant_of_customer", condition=Q(ended_at=None)),
            # All that a customer ever had, for the story of a checkout.
            models.Index("customer_key", F("granted_at").desc(), name="grant_by_customer"),
            models.Index("id", name="grant_without_payment", condition=Q(payment=None, ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.customer_key} {self.plan_id}"


class Callback(models.Model):
    """What the product was told of a customer's plan. Its number is the version: the product keeps the highest it has seen.

    Delivered through the outbox under `key`; `confirmed_at` is when the product answered that it has it.
    """

    version = models.BigAutoField(primary_key=True)
    customer_key = models.CharField(_("customer"), max_length=100)
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="callbacks")
    key = models.CharField(_("idempotency key"), max_length=200, unique=True)
    # Empty while no address of the product is set: then nothing was sent.
    message_id = models.UUIDField(null=True, default=None, editable=False)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True, db_default="")

    class Meta:
        db_table = "plan_callbacks"
        verbose_name = _("callback")
        verbose_name_plural = _("callbacks")
        indexes = [
            models.Index("customer_key", F("version").desc(), name="callback_of_customer"),
            models.Index("created_at", name="callback_unconfirmed", condition=Q(confirmed_at=None)),
        ]

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def new_key() -> str:
        return f"plan-{uuid.uuid4()}"

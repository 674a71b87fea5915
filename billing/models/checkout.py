from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from billing.states import CheckoutState, ProviderName


class Plan(models.Model):
    """What a customer can have. `key` is the product's name for it; of several that a customer has, the one of the highest rank counts."""

    key = models.SlugField(_("key at the product"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    amount = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    # How long one payment lasts, where the provider's invoice doesn't say.
    days = models.PositiveIntegerField(_("days"), default=30)
    rank = models.PositiveSmallIntegerField(
        _("rank"), default=1, help_text=_("Of several plans of a customer, the one with the highest rank counts.")
    )
    is_offered = models.BooleanField(_("offered"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "plans"
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="plan_amount_not_negative"),
            models.CheckConstraint(condition=Q(days__gte=1), name="plan_lasts"),
        ]

    def __str__(self) -> str:
        return self.name


class Checkout(models.Model):
    """A customer's way to pay for a plan, begun by the product. Never removed: the database refuses it.

    Triggers raise `change_seq` whenever it, its payments, grants or events change, whoever changes them; `checked_seq` is how far the
    sweep has looked.
    """

    checkout_id = models.CharField(_("checkout"), max_length=100, unique=True)
    provider = models.CharField(_("provider"), max_length=20, choices=ProviderName.choices)
    # A Stripe Checkout session's, or a Mercado Pago preference's.
    session_id = models.CharField(_("id at the provider"), max_length=200, blank=True, db_default="")
    provider_customer_id = models.CharField(_("customer at the provider"), max_length=200, blank=True, db_default="")
    customer_key = models.CharField(_("customer"), max_length=100, blank=True, db_default="")
    email = models.EmailField(_("email"), max_length=200, blank=True, db_default="")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="checkouts")
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=CheckoutState.choices, default=CheckoutState.OPEN, db_default=CheckoutState.OPEN)
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    linked_at = models.DateTimeField(_("customer known since"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    updated_at = models.DateTimeField(_("last change"), db_default=Now())

    # Which client's request made it, so that the same request again gets the same answer.
    client_id = models.BigIntegerField(null=True, editable=False)
    request_hash = models.CharField(max_length=64, blank=True, db_default="", editable=False)

    # When the provider was last asked about it by the sweep, and when it should be next; empty: not any more by itself.
    asked_at = models.DateTimeField(null=True, editable=False)
    ask_at = models.DateTimeField(null=True, editable=False, db_default=Now())
    asked_times = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    change_seq = models.BigIntegerField(default=1, db_default=1, editable=False)
    checked_seq = models.BigIntegerField(default=0, db_default=0, editable=False)

    # A person looked at it and left it as it is.
    handled_at = models.DateTimeField(_("handled"), null=True, editable=False)
    handled_by = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    handled_note = models.TextField(blank=True, db_default="", editable=False)

    class Meta:
        db_table = "checkout_sessions"
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        constraints = [
            models.UniqueConstraint(fields=["provider", "session_id"], condition=~Q(session_id=""), name="checkout_session_once"),
            models.CheckConstraint(condition=Q(state__in=CheckoutState.values), name="checkout_state_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="checkout_amount_not_negative"),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_at__isnull=False), name="paid_checkout_has_its_time"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="checkout_newest"),
            models.Index("state", F("created_at").desc(), F("id").desc(), name="checkout_by_state"),
            models.Index("provider", F("created_at").desc(), F("id").desc(), name="checkout_by_provider"),
            models.Index("customer_key", F("created_at").desc(), name="checkout_by_customer", condition=~Q(customer_key="")),
            models.Index(Lower("email"), F("created_at").desc(), name="checkout_by_email", condition=~Q(email="")),
            models.Index("amount", F("created_at").desc(), F("id").desc(), name="checkout_by_amount"),
            models.Index("id", name="checkout_to_check", condition=~Q(change_seq=F("checked_seq"))),
            models.Index("ask_at", name="checkout_to_ask", condition=Q(ask_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.checkout_id


class Subscription(models.Model):
    """A subscription at the provider, as it last said. Of two answers the one that was asked for later counts."""

    provider = models.CharField(_("provider"), max_length=20, choices=ProviderName.choices)
    subscription_id = models.CharField(_("id at the provider"), max_length=200)
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="subscriptions")
    status = models.CharField(_("status at the provider"), max_length=40)
    current_period_end = models.DateTimeField(_("paid until"), null=True)
    cancel_at = models.DateTimeField(_("will end"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    asked_at = models.DateTimeField(_("as of"))

    class Meta:
        db_table = "subscriptions"
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [models.UniqueConstraint(fields=["provider", "subscription_id"], name="subscription_once")]

    def __str__(self) -> str:
        return self.subscription_id

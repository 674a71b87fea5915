from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.effects import EffectKind
from billing.models.checkout import Checkout
from billing.models.payment import Payment
from billing.states import EventState, ProviderName


class WebhookEvent(models.Model):
    """A provider's message, as it came. Kept before it is answered, worked on afterwards, never removed: the database refuses it.

    `attempts` grows with every claim and is its fencing token.
    """

    class Source(models.TextChoices):
        WEBHOOK = "webhook", pgettext_lazy("event came by", "webhook")
        ASKED = "asked", pgettext_lazy("event came by", "the provider's list")

    provider = models.CharField(_("provider"), max_length=20, choices=ProviderName.choices)
    event_id = models.CharField(_("event"), max_length=200)
    event_type = models.CharField(_("type"), max_length=100)
    object_id = models.CharField(_("about"), max_length=200, blank=True, db_default="")
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.WEBHOOK, db_default=Source.WEBHOOK)
    provider_created_at = models.DateTimeField(_("happened"), null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now(), editable=False)
    body = models.BinaryField()
    headers = models.JSONField(default=dict, db_default={})
    query = models.CharField(max_length=2000, blank=True, db_default="")
    live_mode = models.BooleanField(null=True)
    is_signed = models.BooleanField(_("signature"), default=True, db_default=True)
    # "current", "previous" or nothing: by which of our secrets.
    signed_by = models.CharField(max_length=10, blank=True, db_default="")
    note = models.CharField(max_length=300, blank=True, db_default="")
    answer_ms = models.PositiveIntegerField(_("answered in"), null=True)

    state = models.CharField(_("state"), max_length=10, choices=EventState.choices, default=EventState.RECEIVED, db_default=EventState.RECEIVED)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(_("next try"), null=True, db_default=Now())
    claimed_until = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(_("processed"), null=True)
    error_code = models.CharField(max_length=30, blank=True, db_default="")
    error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")

    effect = models.CharField(_("effect"), max_length=10, choices=EffectKind.choices, blank=True, db_default="")
    effect_reason = models.CharField(max_length=30, blank=True, db_default="")
    effect_facts = models.JSONField(default=dict, db_default={})
    checkout = models.ForeignKey(Checkout, models.PROTECT, null=True, related_name="events", db_index=False)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="events", db_index=False)

    handled_by = models.CharField(max_length=200, blank=True, db_default="")
    handled_note = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "webhook_events"
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="webhook_event_once"),
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="webhook_event_state_known"),
        ]
        indexes = [
            models.Index(F("received_at").desc(), F("id").desc(), name="event_newest"),
            # The figures of a window are read from it alone.
            models.Index("provider", F("received_at").desc(), F("id").desc(), include=["state", "effect"], name="event_by_provider"),
            models.Index("next_at", name="event_due", condition=Q(state__in=["received", "waiting"])),
            models.Index(F("received_at").desc(), F("id").desc(), name="event_for_person", condition=Q(state="person")),
            models.Index(F("received_at").desc(), F("id").desc(), name="event_without_effect", condition=Q(effect="none")),
            # Few: whether anybody still signs with the secret of before, or not at all.
            models.Index(
                "provider", "is_signed", F("received_at").desc(), name="event_signed_otherwise",
                condition=Q(source="webhook") & (Q(is_signed=False) | Q(signed_by="previous")),
            ),
            models.Index("checkout", F("received_at"), name="event_of_checkout", condition=Q(checkout__isnull=False)),
            models.Index("payment", name="event_of_payment", condition=Q(payment__isnull=False)),
            models.Index("object_id", name="event_by_object", condition=~Q(object_id="")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.event_id


class SignatureFailure(models.Model):
    """A delivery with a bad signature, kept for a day at most and only so many, to find out why. It is no event."""

    provider = models.CharField(max_length=20, choices=ProviderName.choices)
    at = models.DateTimeField(db_default=Now(), editable=False)
    reason = models.CharField(max_length=20)
    ip = models.GenericIPAddressField(null=True)
    headers = models.JSONField(default=dict)
    query = models.CharField(max_length=2000, blank=True)
    # The first 16 KB of it.
    body = models.BinaryField()

    class Meta:
        db_table = "webhook_signature_failures"
        indexes = [models.Index("provider", F("at").desc(), name="signature_failure_newest")]

    def __str__(self) -> str:
        return f"{self.provider} {self.reason}"


class SignatureCount(models.Model):
    """How many deliveries were refused in an hour, by reason: every one counts, also those that are not kept."""

    provider = models.CharField(max_length=20, choices=ProviderName.choices)
    hour = models.DateTimeField()
    reason = models.CharField(max_length=20)
    times = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        db_table = "webhook_signature_counts"
        constraints = [models.UniqueConstraint(fields=["provider", "hour", "reason"], name="signature_count_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.hour:%Y-%m-%d %H} {self.times}"

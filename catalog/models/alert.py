import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from beta.models import Household
from catalog.models.offer import Offer
from catalog.models.product import Product


class Alert(models.Model):
    """A household wants to hear when a product costs so little. It fires once when the price crosses the line, and again only
    after the price was above it in between and the cooldown is over."""

    class Channel(models.TextChoices):
        PUSH = "push", _("push (webhook to the product)")
        EMAIL = "email", _("email")

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.CASCADE, related_name="alerts")
    product = models.ForeignKey(Product, models.PROTECT, related_name="alerts")
    # The line, in minor units: one of a price, or so many per cent under the price when the alert was made.
    target_price = models.BigIntegerField(_("target price"), null=True, blank=True)
    drop_percent = models.PositiveSmallIntegerField(_("drop in per cent"), null=True, blank=True)
    base_price = models.BigIntegerField(_("price when it was made"), null=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3, default="BRL")
    channel = models.CharField(_("by"), max_length=5, choices=Channel.choices, default=Channel.PUSH)
    status = models.CharField(_("status"), max_length=6, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE)
    cooldown_hours = models.PositiveSmallIntegerField(_("hours of silence after it"), default=24)
    # Whether the price was under the line when it was looked at last: an alert fires when this turns true.
    is_below = models.BooleanField(default=False, db_default=False, editable=False)
    crossings = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    fired_at = models.DateTimeField(_("fired"), null=True, editable=False)
    looked_at = models.DateTimeField(_("last looked at"), null=True, editable=False)
    created_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)

    class Meta:
        db_table = "price_alerts"
        verbose_name = _("price alert")
        verbose_name_plural = _("price alerts")
        constraints = [
            models.CheckConstraint(
                condition=Q(target_price__gt=0, drop_percent=None) | Q(target_price=None, drop_percent__gte=1, drop_percent__lte=99, base_price__gt=0), name="alert_one_line"
            ),
            models.UniqueConstraint(fields=["household", "product"], condition=Q(status="active"), name="alert_one_active"),
        ]  # fmt: skip
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="alert_newest"),
            models.Index(fields=["product"], name="alert_active", condition=Q(status="active")),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def line(self) -> int:
        """At or under this price it fires; minor units."""
        return self.target_price if self.target_price is not None else (self.base_price or 0) * (100 - (self.drop_percent or 0)) // 100


class AlertEvent(models.Model):
    """An alert that fired: once for each crossing, in the transaction that wrote its message to the outbox."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="events")
    crossing = models.PositiveIntegerField()
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="alert_events")
    price = models.BigIntegerField(_("price"))
    at = models.DateTimeField(_("fired"), db_default=Now())
    # The outbox's message, which says whether it was delivered.
    message_id = models.UUIDField(null=True)

    class Meta:
        db_table = "price_alert_events"
        constraints = [models.UniqueConstraint(fields=["alert", "crossing"], name="alert_event_once")]
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="alert_event_newest"),
            models.Index(fields=["at", "id"], name="alert_event_owed", condition=Q(message_id=None)),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.crossing}"

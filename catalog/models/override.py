from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.offer import Availability, Offer


class Override(models.Model):
    """What a person says instead of what the store's page says, for one field of one offer: a layer, the tracked value stays under it.

    It holds while `ended_at` is empty and `expires_at` lies ahead. At most one that has not ended for each field.
    """

    class Field(models.TextChoices):
        PRICE = "price", _("price")
        LIST_PRICE = "list_price", _("list price")
        AVAILABILITY = "availability", _("availability")

    class Ended(models.TextChoices):
        REVERTED = "reverted", _("reverted")
        REPLACED = "replaced", _("replaced by another")
        EXPIRED = "expired", _("expired")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="overrides")
    field = models.CharField(_("field"), max_length=12, choices=Field.choices)
    # One of the two, by the field. Minor units of the offer's currency; NULL as a list price says that there is none.
    amount = models.BigIntegerField(_("value"), null=True)
    availability = models.CharField(_("availability"), max_length=12, choices=Availability.choices, blank=True, db_default="")
    # What was tracked when it was made: has the store changed its mind since?
    tracked_amount = models.BigIntegerField(null=True)
    tracked_availability = models.CharField(max_length=12, blank=True, db_default="")
    reason = models.TextField(_("reason"))
    evidence_url = models.URLField(_("evidence"), max_length=1000, blank=True, db_default="")
    created_at = models.DateTimeField(_("since"), db_default=Now())
    created_by = models.CharField(_("by"), max_length=200)
    expires_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_by = models.CharField(max_length=200, blank=True, db_default="")
    ended_because = models.CharField(max_length=8, choices=Ended.choices, blank=True, db_default="")

    class Meta:
        db_table = "offer_overrides"
        verbose_name = _("override")
        verbose_name_plural = _("overrides")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "field"], condition=Q(ended_at=None), name="override_one_a_field"),
            models.CheckConstraint(condition=Q(field="availability") ^ Q(availability=""), name="override_value_of_its_field"),
            models.CheckConstraint(condition=Q(amount=None, field__in=["list_price", "availability"]) | Q(amount__gt=0), name="override_amount_positive"),
        ]  # fmt: skip
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="override_newest"),
            models.Index(fields=["expires_at"], name="override_expiring", condition=Q(ended_at=None, expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.field}"

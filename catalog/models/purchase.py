import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from beta.models import Household
from catalog.models.offer import Offer
from catalog.models.product import Product


class Purchase(models.Model):
    """What a household says it bought, and saved. `median_90` is the offer's at that time, so that the economy stays what it was."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="purchases")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="purchases")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="purchases")
    # The product's own key for it, once for each API client.
    external_id = models.CharField(_("number at the product"), max_length=100)
    client_id = models.BigIntegerField(null=True, editable=False)
    request_hash = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    price = models.BigIntegerField(_("paid"))
    currency = models.CharField(_("currency"), max_length=3)
    declared_saving = models.BigIntegerField(_("declared economy"), null=True, blank=True)
    median_90 = models.BigIntegerField(null=True, editable=False)
    bought_at = models.DateTimeField(_("bought"))
    received_at = models.DateTimeField(_("received"), db_default=Now(), editable=False)
    is_outlier = models.BooleanField(_("outlier"), default=False, db_default=False, editable=False)
    # Why it is one, as it was judged when it came in: keys of catalog/outliers.py.
    outlier_reasons = ArrayField(models.CharField(max_length=30), default=list, db_default=[], editable=False)

    class Meta:
        db_table = "purchases"
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        constraints = [
            models.UniqueConstraint(fields=["client_id", "external_id"], name="purchase_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(price__gt=0), name="purchase_price_positive"),
        ]
        indexes = [
            models.Index(F("bought_at").desc(), F("id").desc(), name="purchase_newest"),
            models.Index(F("bought_at").desc(), F("id").desc(), name="purchase_outlier", condition=Q(is_outlier=True)),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def saving(self) -> int | None:
        """Against the 90-day median of that time, in minor units; below zero when it paid more."""
        return None if self.median_90 is None else self.median_90 - self.price

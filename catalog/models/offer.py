from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower, Now
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product, Status
from catalog.models.store import Store


class Availability(models.TextChoices):
    IN_STOCK = "in_stock", _("in stock")
    OUT_OF_STOCK = "out_of_stock", _("out of stock")
    PREORDER = "preorder", _("on pre-order")
    DISCONTINUED = "discontinued", _("discontinued")
    UNKNOWN = "unknown", _("unknown")


class Bucket(models.TextChoices):
    SAFE = "safe", _("safe")
    WATCH = "watch", _("watch")
    RISKY = "risky", _("risky")
    UNKNOWN = "unknown", _("unknown")


class Offer(models.Model):
    """A product at a store. The prices here are the tracked ones, in minor units of `currency`; what is shown is the active
    override's, where there is one (catalog/queries/effective.py). `updated_at` is when what is shown changed last."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="offers", verbose_name=_("product"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="offers", verbose_name=_("store"))
    url = models.URLField(_("address of the page"), max_length=1000, unique=True)
    sku = models.CharField(_("number at the store"), max_length=100, blank=True, db_default="")
    title = models.CharField(_("title at the store"), max_length=300, blank=True, db_default="")
    currency = models.CharField(_("currency"), max_length=3, default="BRL")
    price = models.BigIntegerField(_("price"), null=True)
    list_price = models.BigIntegerField(_("list price"), null=True, blank=True)
    availability = models.CharField(_("availability"), max_length=12, choices=Availability.choices, default=Availability.UNKNOWN)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE)
    # Rises when a person or an import writes; the tracker's readings leave it, so that they spoil no edit.
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), db_default=Now(), editable=False)

    # The tracker's: its last look, its last success, and what stopped it.
    checked_at = models.DateTimeField(_("last looked at"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("price confirmed"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, db_default=0, editable=False)
    error_code = models.CharField(max_length=40, blank=True, db_default="", editable=False)
    error = models.CharField(_("last error"), max_length=300, blank=True, db_default="", editable=False)
    etag = models.CharField(max_length=200, blank=True, db_default="", editable=False)
    last_modified = models.CharField(max_length=60, blank=True, db_default="", editable=False)
    # A reading that waits for a person, because it is too far from the one before.
    held_price = models.BigIntegerField(_("held price"), null=True, editable=False)
    held_list_price = models.BigIntegerField(null=True, editable=False)
    held_at = models.DateTimeField(_("held since"), null=True, editable=False)
    # What a person has called wrong: not held again until the page says something else.
    dismissed_price = models.BigIntegerField(_("dismissed price"), null=True, editable=False)

    # The risk as it was calculated last; reasons as catalog/risk has them in JSON.
    risk_score = models.PositiveSmallIntegerField(_("risk"), null=True, editable=False)
    bucket = models.CharField(
        _("rank bucket"), max_length=8, choices=Bucket.choices, default=Bucket.UNKNOWN, db_default=Bucket.UNKNOWN, editable=False
    )
    risk_reasons = models.JSONField(default=list, db_default=Value([], models.JSONField()), editable=False)
    risk_at = models.DateTimeField(_("risk calculated"), null=True, editable=False)
    median_30 = models.BigIntegerField(null=True, editable=False)
    median_90 = models.BigIntegerField(null=True, editable=False)
    search = models.GeneratedField(
        expression=Lower(Concat("title", Value(" "), "sku", Value(" "), "url", output_field=models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )

    class Meta:
        db_table = "offers"
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(condition=Q(price=None) | Q(price__gt=0), name="offer_price_positive"),
            models.CheckConstraint(condition=Q(list_price=None) | Q(list_price__gt=0), name="offer_list_price_positive"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="offer_currency_iso"),
        ]
        indexes = [
            models.Index(F("updated_at").desc(), F("id").desc(), name="offer_newest"),
            models.Index(fields=["bucket", "id"], name="offer_bucket", condition=Q(status="active")),
            # The tracker takes each store's offers that were not looked at for longest.
            models.Index(F("store"), F("checked_at").asc(nulls_first=True), F("id"), name="offer_due", condition=Q(status="active")),
            models.Index(fields=["held_at", "id"], name="offer_held", condition=Q(held_at__isnull=False)),
            GinIndex(OpClass("search", name="gin_trgm_ops"), name="offer_search"),
            # Each filter of the list, in the list's order: what a page reads does not grow with the table.
            models.Index(F("updated_at").desc(), F("id").desc(), name="offer_active", condition=Q(status="active")),
            models.Index(F("updated_at").desc(), F("id").desc(), name="offer_archived", condition=Q(status="archived")),
            models.Index(F("store"), F("updated_at").desc(), F("id").desc(), name="offer_of_store", condition=Q(status="active")),
            models.Index(F("bucket"), F("updated_at").desc(), F("id").desc(), name="offer_of_bucket", condition=Q(status="active")),
            models.Index(F("confirmed_at").desc(), F("id").desc(), name="offer_confirmed", condition=Q(status="active")),
            models.Index(F("store"), F("confirmed_at").desc(), F("id").desc(), name="offer_confirmed_of_store", condition=Q(status="active")),
            models.Index(F("updated_at").desc(), F("id").desc(), name="offer_unconfirmed", condition=Q(status="active", confirmed_at=None)),
            models.Index(
                F("updated_at").desc(), F("id").desc(), name="offer_out_of_stock", condition=Q(status="active", availability="out_of_stock")
            ),
            models.Index(F("updated_at").desc(), F("id").desc(), name="offer_failing", condition=Q(status="active", failures__gt=0)),
            models.Index(
                F("store"), F("updated_at").desc(), F("id").desc(), name="offer_failing_of_store", condition=Q(status="active", failures__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.product)

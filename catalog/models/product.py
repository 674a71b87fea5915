from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Lower, Now
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    ACTIVE = "active", _("active")
    ARCHIVED = "archived", _("archived")


class Product(models.Model):
    """A thing that stores sell. `version` rises with every write: an editor that saw another one is shown what changed."""

    name = models.CharField(_("name"), max_length=200)
    brand = models.CharField(_("brand"), max_length=100, blank=True, db_default="")
    category = models.CharField(_("category"), max_length=60, blank=True, db_default="")
    gtin = models.CharField(_("GTIN (EAN)"), max_length=14, null=True, blank=True, unique=True)
    image_url = models.URLField(_("picture"), max_length=500, blank=True, db_default="")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE, db_default=Status.ACTIVE)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    # What the search looks through, in small letters.
    search = models.GeneratedField(
        expression=Lower(Concat("name", Value(" "), "brand", Value(" "), "gtin", output_field=models.TextField())),
        output_field=models.TextField(), db_persist=True,
    )  # fmt: skip

    class Meta:
        db_table = "products"
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            models.Index(F("updated_at").desc(), F("id").desc(), name="product_newest"),
            models.Index(fields=["category", "id"], name="product_category", condition=Q(status="active")),
            models.Index(F("category"), F("updated_at").desc(), F("id").desc(), name="product_of_category", condition=Q(status="active")),
            models.Index(F("updated_at").desc(), F("id").desc(), name="product_active", condition=Q(status="active")),
            models.Index(F("updated_at").desc(), F("id").desc(), name="product_archived", condition=Q(status="archived")),
            # A file's row without a number finds its product by name and brand.
            models.Index(Lower("name"), Lower("brand"), name="product_by_name"),
            GinIndex(OpClass("search", name="gin_trgm_ops"), name="product_search"),
        ]

    def __str__(self) -> str:
        return self.name

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Store(models.Model):
    """A shop, and how politely its prices are asked for."""

    class Source(models.TextChoices):
        PAGE = "page", _("the product pages (schema.org)")
        FEED = "feed", _("a JSON feed")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    # ISO 4217: what an offer is in when its page names no other.
    currency = models.CharField(_("currency"), max_length=3, default="BRL")
    source = models.CharField(_("prices come from"), max_length=4, choices=Source.choices, default=Source.PAGE)
    feed_url = models.URLField(_("address of the feed"), max_length=500, blank=True, db_default="")
    max_concurrency = models.PositiveSmallIntegerField(_("calls at a time"), default=8, validators=[MinValueValidator(1)])
    delay_ms = models.PositiveIntegerField(_("milliseconds between two calls"), default=30)
    is_active = models.BooleanField(_("asked for prices"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "stores"
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.offer import Availability, Offer


class PriceSource(models.TextChoices):
    TRACKER = "tracker", _("the store's page")
    FEED = "feed", _("the store's feed")
    PERSON = "person", _("a person")
    IMPORT = "import", _("an import")


class Price(models.Model):
    """What an offer cost from `at` on, until the next row. Rows are only ever added; a trigger refuses everything else.

    Written when something changed. `held`: a reading that was too far from the one before, and was not taken over.
    """

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="prices", db_index=False)
    at = models.DateTimeField(_("from"), db_default=Now())
    price = models.BigIntegerField(_("price"))
    list_price = models.BigIntegerField(_("list price"), null=True)
    currency = models.CharField(_("currency"), max_length=3)
    availability = models.CharField(_("availability"), max_length=12, choices=Availability.choices, default=Availability.UNKNOWN)
    source = models.CharField(_("source"), max_length=8, choices=PriceSource.choices)
    held = models.BooleanField(_("held"), default=False, db_default=False)
    # Who or what: a person's name, or the import's number.
    by = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "offer_price_history"
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        indexes = [models.Index(F("offer"), F("at").desc(), F("id").desc(), name="price_of_offer")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.at:%Y-%m-%d} {self.price} {self.currency}"

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from beta.models import Household


class Profile(models.Model):
    """What a household wants to see in its feed. Without a row: everything. Empty lists and NULL mean no limit."""

    household = models.OneToOneField(Household, models.CASCADE, primary_key=True, related_name="profile")
    categories = ArrayField(models.CharField(max_length=60), verbose_name=_("categories"), default=list, blank=True)
    excluded_stores = ArrayField(models.IntegerField(), verbose_name=_("stores it does not want"), default=list, blank=True)
    # Minor units of `currency`.
    max_price = models.BigIntegerField(_("highest price"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="BRL")
    # Per cent under the 90-day median.
    min_saving = models.PositiveSmallIntegerField(_("least saving"), null=True, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "household_profiles"

    def __str__(self) -> str:
        return str(self.household_id)

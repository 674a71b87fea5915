from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CatalogAction(TextChoices):
    """The manuals look for UPSERT_PRODUCT, UPSERT_OFFER and CALC_RISK: overrides, reverts and held prices are offers' writes too."""

    UPSERT_STORE = "UPSERT_STORE", _("wrote a store")
    UPSERT_PRODUCT = "UPSERT_PRODUCT", _("wrote a product")
    UPSERT_OFFER = "UPSERT_OFFER", _("wrote an offer")
    CALC_RISK = "CALC_RISK", _("checked the risk of an offer")
    UPLOAD_IMPORT = "UPLOAD_IMPORT", _("uploaded a file to import")
    PLAN_IMPORT = "PLAN_IMPORT", _("compared an import's file anew")
    APPLY_IMPORT = "APPLY_IMPORT", _("applied an import")
    UNDO_IMPORT = "UNDO_IMPORT", _("undid an import")
    DISCARD_IMPORT = "DISCARD_IMPORT", _("discarded an import")
    UPSERT_ALERT = "UPSERT_ALERT", _("wrote a price alert")
    FIRE_ALERT = "FIRE_ALERT", _("fired price alerts")
    CHANGE_WISHES = "CHANGE_WISHES", _("changed what a household wants to see")
    RECORD_PURCHASE = "RECORD_PURCHASE", _("recorded a purchase")

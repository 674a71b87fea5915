from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        from audit import registry
        from catalog import sweeping
        from catalog.action_types import CatalogAction

        registry.register(
            CatalogAction, routine=[CatalogAction.FIRE_ALERT, CatalogAction.UPSERT_ALERT, CatalogAction.CHANGE_WISHES, CatalogAction.RECORD_PURCHASE]
        )
        registry.register_entity("offer", _("offer"), lambda entity_id: reverse("offer", args=[entity_id]))
        sweeping.register()

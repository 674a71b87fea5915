from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        from audit import registry
        from catalog import feed, frame, needs, review_lines, sweeping
        from catalog.action_types import CatalogAction
        from catalog.jobs.risk import AntiCilada
        from catalog.jobs.tracker import PriceTracker
        from jobs import registry as jobs

        registry.register(
            CatalogAction, routine=[CatalogAction.FIRE_ALERT, CatalogAction.UPSERT_ALERT, CatalogAction.CHANGE_WISHES, CatalogAction.RECORD_PURCHASE]
        )
        registry.register_entity("offer", _("offer"), lambda entity_id: reverse("offer", args=[entity_id]))
        registry.register_entity("product", _("product"), lambda entity_id: reverse("catalog_product", args=[entity_id]))
        registry.register_entity("store", _("store"), lambda entity_id: reverse("catalog_store", args=[entity_id]))
        registry.register_entity("import", _("import"), lambda entity_id: reverse("catalog_import", args=[entity_id]))
        frame.register()
        needs.register()
        jobs.register(AntiCilada())
        jobs.register(PriceTracker())
        sweeping.register()
        feed.register()
        review_lines.register()

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SwitchesConfig(AppConfig):
    name = "switches"
    verbose_name = _("Switches")

    def ready(self) -> None:
        from audit.registry import register, register_entity
        from switches import forced, frame, needs, review_lines
        from switches.action_types import SwitchAction
        from switches.registry import MASTER, register_switch
        from switches.setup import make_rows

        forced.check_all()
        register(SwitchAction)
        register_entity("switch", _("switch"), lambda entity_id: reverse("switch", args=[entity_id]))
        frame.register()
        needs.register()
        review_lines.register()
        register_switch(MASTER, _("Every background job. Off: none of them runs, whatever its own switch says."), _("Engineering"), order=0)
        register_switch("ENABLE_PRICE_TRACKER", _("Looks up the prices of the offers."), _("Catalog"), order=10)
        register_switch("ENABLE_ALERT_EVALUATOR", _("Decides which households hear of a price."), _("Catalog"), order=20)
        register_switch("ENABLE_ANTI_CILADA", _("Marks offers whose discount is not what it seems."), _("Catalog"), order=30)
        post_migrate.connect(make_rows, sender=self)

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from audit.cards import changed_card, seal_fact
        from opsportal import frame

        frame.register_nav(frame.NavItem(_("Audit"), "audit", "audit", "audit.view", group="records", order=10, prefix="/ops/audit/"))
        frame.register_card(changed_card, order=60)
        frame.register_fact(seal_fact, order=90)

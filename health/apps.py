from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = _("Health")

    def ready(self) -> None:
        from audit import registry
        from health import frame, sweeping, uptime  # noqa: F401  (the process's age counts from here)
        from health.action_types import HealthAction
        from health.registry import register_status
        from jobs.queries import audit_checked
        from notify.queries import status as outbox
        from switches.queries import summary

        registry.register(HealthAction)
        registry.register_entity("ping", _("ping"), lambda entity_id: reverse("health_ping", args=[entity_id]))
        registry.register_entity("ping_key", _("ping key"), lambda entity_id: reverse("health_ping_keys"))
        register_status("switches", summary)
        register_status("outbox", outbox)
        register_status("audit", audit_checked)
        frame.register()
        sweeping.register()

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "health"
    verbose_name = _("Health")

    def ready(self) -> None:
        from audit import registry
        from health import frame, needs, review_lines, sweeping, uptime  # noqa: F401  (the process's age counts from here)
        from health.action_types import HealthAction
        from health.probing.job import Probes
        from health.queries import probe_summary
        from health.registry import register_status
        from jobs import registry as jobs
        from jobs.queries import audit_checked
        from notify.queries import status as outbox
        from switches.queries import summary
        from switches.registry import register_switch

        registry.register(HealthAction, routine=[HealthAction.RUN_PROBE])
        registry.register_entity("ping", _("ping"), lambda entity_id: reverse("health_ping", args=[entity_id]))
        registry.register_entity("ping_key", _("ping key"), lambda entity_id: reverse("health_ping_keys"))
        registry.register_entity("probe", _("probe"), lambda entity_id: reverse("health_probe", args=[entity_id]))
        register_status("probes", probe_summary)
        register_status("switches", summary)
        register_status("outbox", outbox)
        register_status("audit", audit_checked)
        register_switch(Probes.switch, Probes.help, owner="OpsPortal", order=80)
        jobs.register(Probes())
        frame.register()
        review_lines.register()
        needs.register()
        sweeping.register()

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from audit import registry
        from billing import frame, needs, review_lines
        from billing.action_types import BillingAction
        from billing.jobs.sweep import BillingSweep
        from billing.processing import sweeping as events
        from billing.product_channel import CHANNEL
        from jobs import registry as jobs
        from notify import channels
        from switches.registry import register_switch

        channels.register(CHANNEL)
        registry.register(BillingAction, routine=[BillingAction.RECORD_CHECKOUT, BillingAction.LINK_CHECKOUT, BillingAction.SETTLE_PAYMENT])
        registry.register_entity("webhook_event", _("webhook event"), lambda entity_id: reverse("billing_event", args=[entity_id]))
        registry.register_entity("finding", _("finding"), lambda entity_id: reverse("billing_finding_handle", args=[entity_id]))
        events.register()
        frame.register()
        needs.register()
        review_lines.register()
        register_switch(BillingSweep.switch, BillingSweep.help, owner="OpsPortal", order=80)
        jobs.register(BillingSweep())

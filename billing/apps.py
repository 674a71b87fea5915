from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Billing")

    def ready(self) -> None:
        from audit import registry
        from billing.action_types import BillingAction

        registry.register(BillingAction, routine=[BillingAction.RECORD_CHECKOUT, BillingAction.LINK_CHECKOUT, BillingAction.SETTLE_PAYMENT])

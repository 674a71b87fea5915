from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BetaConfig(AppConfig):
    name = "beta"
    verbose_name = _("Beta")

    def ready(self) -> None:
        from audit import registry
        from beta.action_types import BetaAction

        registry.register(BetaAction)

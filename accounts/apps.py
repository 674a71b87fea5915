from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Access")

    def ready(self) -> None:
        from accounts.action_types import AccountAction
        from audit import registry

        registry.register(AccountAction)

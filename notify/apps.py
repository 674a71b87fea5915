from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotifyConfig(AppConfig):
    name = "notify"
    verbose_name = _("Outbox")

    def ready(self) -> None:
        """Registrations of this app."""

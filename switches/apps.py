from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SwitchesConfig(AppConfig):
    name = "switches"
    verbose_name = _("Switches")

    def ready(self) -> None:
        """Registrations of this app."""

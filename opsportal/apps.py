from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "opsportal"

    def ready(self) -> None:
        from opsportal import (
            frame,
            logs,  # noqa: F401  (connects the receiver that binds the client's address)
        )

        frame.register_nav(frame.NavItem(_("Today"), "today", "today", "opsportal.view", order=0))

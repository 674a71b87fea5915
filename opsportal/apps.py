from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "opsportal"

    def ready(self) -> None:
        from opsportal import logs  # noqa: F401  (connects the receiver that binds the client's address)

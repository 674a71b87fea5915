from django.apps import AppConfig
from django.conf import settings
from django.http import HttpRequest

from opsportal import frame


def notice(request: HttpRequest) -> frame.Part | None:
    """On Today: that the data is not real. Never asked in production."""
    from sandbox.sample import is_loaded

    return frame.Part("sandbox/_notice.html") if is_loaded() else None


class SandboxConfig(AppConfig):
    name = "sandbox"

    def ready(self) -> None:
        if not settings.PRODUCTION:
            frame.register_card(notice, order=0)

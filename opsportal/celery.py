import os

from celery import Celery
from celery.signals import beat_init, celeryd_init, setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

from opsportal import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")

for _scheme in ("redis", "rediss"):
    TRANSPORT_ALIASES[_scheme] = "opsportal.transport:Transport"

app = Celery("opsportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**kwargs: object) -> None:
    """Celery would replace the handlers; Django has set them up."""


@celeryd_init.connect
@beat_init.connect
def hold_the_servers(**kwargs: object) -> None:
    """Worker and beat keep the embedded servers running, like every other process that needs them."""
    embedded.hold_needed(settings)

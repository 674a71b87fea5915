import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from opsportal import embedded

embedded.hold_needed(settings)

application = get_wsgi_application()

from beta.startup import follow_environment  # noqa: E402
from jobs import cron_secrets  # noqa: E402

cron_secrets.warn()
follow_environment()

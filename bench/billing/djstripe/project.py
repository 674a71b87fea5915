"""dj-stripe as its documentation sets it up, with the portal's own server settings and pool. Runs in a virtualenv of its own.

`python project.py` makes its tables and prints the path of a webhook endpoint; gunicorn serves `project:application`.
"""

import os
import sys
from typing import Any

import django
from django.conf import settings

if not settings.configured:
    _pool = {"min_size": 1, "max_size": 18, "timeout": 30}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="project",
        SECRET_KEY="only-for-a-benchmark",  # noqa: S106
        USE_TZ=True,
        # It says how long an answer is.
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
        # The tables as they end up: its migrations take longer than the benchmark.
        MIGRATION_MODULES={"djstripe": None, "auth": None, "contenttypes": None},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "djstripe",
                "USER": os.environ["BENCH_DB_USER"],
                "HOST": os.environ["BENCH_DB_HOST"],
                "OPTIONS": {"pool": _pool} if "gunicorn" in sys.modules else {},
                "CONN_HEALTH_CHECKS": True,
            }
        },
        STRIPE_TEST_SECRET_KEY=f"sk_test_{'b' * 24}",
        STRIPE_LIVE_MODE=False,
        DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
    )
    django.setup()

from django.apps import apps
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns: list[Any] = [path("health/live", live), path("stripe/", include("djstripe.urls", namespace="djstripe"))]
application = get_wsgi_application()


def made(model: str, **fields: Any) -> Any:
    one = apps.get_model("djstripe", model)(livemode=False, stripe_data={}, **fields)
    one.save()
    return one


if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    # Whose key it is would otherwise be asked of Stripe with every event.
    account = made("Account", id="acct_bench")
    made("APIKey", id="sk_bench", secret=f"sk_test_{'b' * 24}", type="secret", djstripe_owner_account=account)
    endpoint = made(
        "WebhookEndpoint", id="we_bench", url="http://127.0.0.1/", enabled_events=["*"], status="enabled", djstripe_owner_account=account,
        secret=os.environ["BENCH_WEBHOOK_SECRET"],
    )  # fmt: skip
    print(f"/stripe/webhook/{endpoint.djstripe_uuid}/")

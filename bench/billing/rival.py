"""What intake is measured against: a Django project of two views and nothing else, with the portal's own pool and server settings.

It knows no second secret, no other provider, no limits, no failures that are counted, no worker that is told.
"""

import os
from typing import Any

from django.conf import settings

if not settings.configured:
    from opsportal import environment

    _database: dict[str, Any] = environment.database("RIVAL_DATABASE_URL", "")
    _pool = {"min_size": 1, "max_size": int(os.environ.get("OPS_DB_POOL", "18")), "timeout": 30}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.billing.rival",
        SECRET_KEY="only-for-a-benchmark",  # noqa: S106
        USE_TZ=True,
        DATABASES={"default": {**_database, "OPTIONS": {**_database["OPTIONS"], "pool": _pool}, "CONN_HEALTH_CHECKS": True}},
    )

import stripe
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

KEEP = "INSERT INTO rival_events (event_id, event_type, body) VALUES (%s, %s, %s) ON CONFLICT (event_id) DO NOTHING"
SECRET = os.environ["BENCH_WEBHOOK_SECRET"]


def constant(request: HttpRequest) -> HttpResponse:
    """No work at all: what the server itself can do."""
    return _answer(b"%d" % len(request.body))


def minimal(request: HttpRequest) -> HttpResponse:
    """The shortest way that is right: the library's check of the signature, and one INSERT."""
    event = stripe.Webhook.construct_event(request.body, request.headers["Stripe-Signature"], SECRET)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [event.id, event.type, request.body])
    return _answer(b'{"received": true}')


def _answer(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="application/json", headers={"Content-Length": str(len(body))})


urlpatterns = [path("constant", constant), path("minimal", minimal)]
application = get_wsgi_application()

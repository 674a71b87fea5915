"""What the gate is measured against: a Django project of two views and nothing else, with the portal's own pool and server settings.

It knows no API keys, no invites, no idempotency, no STOP, no audit log and no middleware.
"""

import json
import os
from typing import Any
from uuid import uuid4

from django.conf import settings

if not settings.configured:
    from opsportal import environment

    _database: dict[str, Any] = environment.database("RIVAL_DATABASE_URL", "")
    _pool = {"min_size": 1, "max_size": int(os.environ.get("OPS_DB_POOL", "18")), "timeout": 30}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.gate.rival",
        SECRET_KEY="only-for-a-benchmark",  # noqa: S106
        USE_TZ=True,
        DATABASES={"default": {**_database, "OPTIONS": {**_database["OPTIONS"], "pool": _pool}, "CONN_HEALTH_CHECKS": True}},
    )

from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path

TAKE = "UPDATE rival_programs SET seats_taken = seats_taken + 1 WHERE id = 1 AND seats_taken < cap RETURNING seats_taken, cap"
SEAT = "INSERT INTO rival_households (id, household_key, email, seat) VALUES (%s, %s, %s, %s)"


def conditional(request: HttpRequest) -> JsonResponse:
    """The shortest way that is right: one conditional UPDATE and one INSERT in one transaction."""
    wanted = json.loads(request.body)
    if "household_key" not in wanted:
        return JsonResponse({"code": "invalid"}, status=422)
    household_id = uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE)
        row = cursor.fetchone()
        if row is not None:
            cursor.execute(SEAT, [household_id, wanted["household_key"], wanted["email"], row[0]])
    if row is None:
        return JsonResponse({"code": "cap_reached"}, status=409)
    return JsonResponse({"household_id": household_id, "seat": row[0], "cap": row[1], "seats_taken": row[0]}, status=201)


def naive(request: HttpRequest) -> JsonResponse:
    """What one writes first: count, then create. Between the two others count as well."""
    wanted = json.loads(request.body)
    if "household_key" not in wanted:
        return JsonResponse({"code": "invalid"}, status=422)
    household_id = uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), (SELECT cap FROM rival_programs) FROM rival_households")
        taken, cap = cursor.fetchone()
        if taken >= cap:
            return JsonResponse({"code": "cap_reached"}, status=409)
        cursor.execute(SEAT, [household_id, wanted["household_key"], wanted["email"], taken + 1])
    return JsonResponse({"household_id": household_id, "seat": taken + 1, "cap": cap, "seats_taken": taken + 1}, status=201)


urlpatterns = [path("conditional/api/beta/signups", conditional), path("naive/api/beta/signups", naive)]
application = get_wsgi_application()

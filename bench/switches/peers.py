"""What the reading of a switch is measured against. None of them looks at a key, a body or who asks.

They stand under /ofrep/, so that they take the same short way through the middleware, and before all of the portal's routes.
"""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from waffle import switch_is_active

from opsportal.urls import handler400, handler403, handler404, handler500
from opsportal.urls import urlpatterns as portal
from switches.models import Switch

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

NAME = "ENABLE_JOBS"
CONSTANT = b'{"key":"ENABLE_JOBS","value":true,"reason":"STATIC","variant":"on","metadata":{"forced_by_env":false,"version":1,"changed_at":"2026-11-22T05:00:00.000000+00:00"}}'


def open_to_programs(view: Callable[[HttpRequest], HttpResponse]) -> Any:
    marked: Any = view
    marked.csrf_exempt, marked.login_required = True, False
    return marked


@open_to_programs
def constant(request: HttpRequest) -> HttpResponse:
    """The least that a Django view can do: bytes that are there already, as long as ours."""
    return HttpResponse(CONSTANT, content_type="application/json")


@open_to_programs
def query(request: HttpRequest) -> HttpResponse:
    """Asks the database each time, by primary key."""
    is_on, version = Switch.objects.values_list("is_on", "version").get(pk=NAME)
    return _answer(is_on, version)


@open_to_programs
def waffle(request: HttpRequest) -> HttpResponse:
    """django-waffle with its cache warm, in the memory of the process."""
    return _answer(switch_is_active(NAME), 1)


def _answer(is_on: bool, version: int) -> HttpResponse:
    shape = {"key": NAME, "value": is_on, "reason": "STATIC", "variant": "on" if is_on else "off", "metadata": {"version": version}}
    return HttpResponse(json.dumps(shape).encode(), content_type="application/json")


urlpatterns = [path("ofrep/bench/constant", constant), path("ofrep/bench/query", query), path("ofrep/bench/waffle", waffle), *portal]

"""Samples of every component, for the style page."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from opsportal import clock


def everything(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    return {"now": now, "earlier": now - timedelta(minutes=3)}

"""What people and programs get instead of a page: refused, not found, broken, database away, form expired."""

import sys
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from opsportal import access
from opsportal.problem import is_for_programs, problem


def _page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """Inside the frame for those signed in, at the door for others."""
    user = getattr(request, "user", None)
    layout = "base.html" if user is not None and user.is_authenticated else "door.html"
    return render(request, template, {"layout": layout, **context}, status=status)


def _page_before(request: HttpRequest) -> str:
    """The page of ours that held the form, or "": some routes take only POST, so the form's own address may not be one."""
    referrer = request.headers.get("Referer", "")
    return referrer if url_has_allowed_host_and_scheme(referrer, {request.get_host()}, require_https=request.is_secure()) else ""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return problem(request, 400, "bad_request", _("The request makes no sense."))
    return _page(request, "errors/400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return problem(request, 403, "forbidden", _("You may not do this."))
    permission = getattr(exception, "permission", "")
    label, roles = access.describe(permission) if permission else ("", [])
    return _page(request, "errors/403.html", 403, permission=label, roles=roles)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return problem(request, 404, "not_found", _("There is nothing at this address."))
    return _page(request, "errors/404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Called while the exception is being handled. A database that is away is 503: it comes back without a restart."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if is_for_programs(request):
        if away:
            return problem(request, 503, "unavailable", _("The database does not answer. Try again."))
        return problem(request, 500, "internal", _("Something broke on our side."))
    # No context processors: the frame would ask the database again.
    template, status = ("errors/503.html", 503) if away else ("errors/500.html", 500)
    return render(None, template, {"product_name": settings.OPS_PRODUCT_NAME}, status=status)  # type: ignore[arg-type]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_for_programs(request):
        return problem(request, 403, "csrf", _("This call needs an API key."))
    return _page(request, "errors/expired.html", 403, retry_url=_page_before(request))

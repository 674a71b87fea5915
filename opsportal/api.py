"""The portal's API for programs: every app's router, and one shape for everything that goes wrong."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from beta.api import router as beta
from beta.support_api import router as support
from billing.api import router as billing
from catalog.api import router as catalog
from jobs.api import router as jobs
from opsportal.access import requires
from opsportal.errors import OpsError
from opsportal.openapi import described, operations
from opsportal.problem import problem, problem_of

api = NinjaAPI(title="OpsPortal", version="1", docs_url=None, openapi_url=None, urls_namespace="api")
api.add_router("/beta", beta)
api.add_router("/billing", billing)
api.add_router("/catalog", catalog)
api.add_router("/internal", jobs)
api.add_router("/support", support)


@api.exception_handler(OpsError)
def refused(request: HttpRequest, error: OpsError) -> HttpResponse:
    return problem_of(request, error)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"field": _field(each["loc"]), "detail": each["msg"]} for each in error.errors]
    return problem(request, 422, "invalid", _("Some fields make no sense."), errors=errors)


def _field(place: tuple[Any, ...]) -> str:
    """ninja's ("body", "body", "email") as people know it: "email"."""
    return ".".join(str(part) for part in place if part != "body") or "body"


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    codes = {400: "bad_request", 401: "unauthenticated", 403: "forbidden"}
    return problem(request, error.status_code, codes.get(error.status_code, "error"), str(error))


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(request, 413, "too_large", _("The body is larger than 1 MB."))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, 404, "not_found", _("There is nothing at this address."))


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def away(request: HttpRequest, error: Exception) -> HttpResponse:
    code = "gate_unavailable" if request.path.startswith("/api/beta/") else "unavailable"
    return problem(request, 503, code, _("The database does not answer. Treat it as “no” and try again."))


@require_safe
@requires("opsportal.view")
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI 3.1 description, for clients' generators."""
    return JsonResponse(description())


@require_safe
@requires("opsportal.view")
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people, written by the server: no script, no third party."""
    return render(request, "opsportal/api_docs.html", {"operations": operations(description())})


def description() -> dict[str, Any]:
    """What the API is, in OpenAPI 3.1."""
    return described(api.get_openapi_schema())

"""application/problem+json, RFC 9457: type, title, status, detail, instance; ours: code and the figures."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from opsportal.errors import OpsError

CONTENT_TYPE = "application/problem+json"
# Paths that programs call: they never get an HTML page, and never a redirect to sign in.
PREFIXES = ("/api/", "/ofrep/", "/ping/", "/metrics/", "/health/")
# A page for people among them.
PAGES = ("/api/docs", "/api/docs/")


def is_for_programs(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith(PREFIXES) and request.path not in PAGES


def problem(request: HttpRequest, status: int, code: str, detail: str = "", **facts: Any) -> JsonResponse:
    # The facts first: none of them may take a standard member's place.
    body = {
        **facts,
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request.path,
    }
    response = JsonResponse(body, status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="ops"'
    if status == HTTPStatus.TOO_MANY_REQUESTS and "retry_after" in facts:
        response["Retry-After"] = str(facts["retry_after"])
    # Caches may keep some errors by themselves, a 404 for one; the next call may fare otherwise.
    response["Cache-Control"] = "no-store"
    return response


def problem_of(request: HttpRequest, error: OpsError) -> JsonResponse:
    return problem(request, error.status, error.code, str(error.detail), **error.facts)

"""Answers for probes. None of them opens a session, and /health/live touches nothing at all: a liveness that hangs on the
database restarts every web server when the database is what is ill. They change nothing, so a POST is told what is allowed (405)
rather than that it lacks a token."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from health import queries
from opsportal.access import public


@public
@csrf_exempt
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponseBase:
    return HttpResponse("ok\n", content_type="text/plain")


@public
@csrf_exempt
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponseBase:
    found = queries.readiness()
    return JsonResponse({"status": found.state, "checks": found.as_json()}, status=200 if found.is_ready else 503)


@public
@csrf_exempt
@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponseBase:
    """One word, for probes and people: ok or unavailable; as JSON where that is what the caller accepts."""
    found = queries.readiness()
    word, code = ("ok", 200) if found.is_ready else ("unavailable", 503)
    if request.get_preferred_type(["text/plain", "application/json"]) == "application/json":
        return JsonResponse({"status": word}, status=code)
    return HttpResponse(f"{word}\n", content_type="text/plain", status=code)


@public
@csrf_exempt
@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponseBase:
    """The state of the portal as JSON, 503 while it can't serve.

    Open to anyone: the runbook calls it with plain curl during an incident, when signing in may be what is broken. So it
    holds nothing that a stranger shouldn't know: no host names, addresses, people, error texts or queries; whether signups
    are open is what the product's own signup page shows everyone.
    """
    found = queries.readiness()
    return JsonResponse(queries.status(found), status=200 if found.is_ready else 503)

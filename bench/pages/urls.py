"""The portal's routes, and two pages that do nothing: behind the same middleware and the same check of rights."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_safe

from opsportal.access import requires


@require_safe
@requires("opsportal.view")
def constant(request: HttpRequest) -> HttpResponse:
    """Constant bytes: what the server, the session and the person cost."""
    return HttpResponse(b"constant")


@require_safe
@requires("opsportal.view")
def framed(request: HttpRequest) -> HttpResponse:
    """The frame that stands around every page, with nothing in it."""
    return render(request, "base.html")


urlpatterns = [path("bench/constant", constant), path("bench/framed", framed), path("", include("opsportal.urls"))]

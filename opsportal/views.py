"""The frame's own pages: the status bar's refresh, search, and every component on one page."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from opsportal import samples, search
from opsportal.access import requires
from opsportal.environment import Env


@require_safe
@requires("opsportal.view")
def root(request: HttpRequest) -> HttpResponse:
    return redirect("today")


@require_safe
@never_cache
@requires("opsportal.view")
def status_bar(request: HttpRequest) -> HttpResponse:
    return render(request, "frame/status_bar.html")


@require_safe
@requires("opsportal.view")
def find(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\x00", "").strip()[: search.LONGEST_TEXT]
    return render(request, "opsportal/search.html", {"search_text": text, "hits": search.find(request, text)})


@require_safe
@requires("opsportal.view")
def style(request: HttpRequest) -> HttpResponse:
    if settings.OPS_ENV is Env.PRODUCTION:
        raise Http404
    return render(request, "opsportal/style.html", samples.everything(request))

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from opsportal.access import requires
from review.today.page import now_of, page_of


@require_safe
@requires("opsportal.view")
def today(request: HttpRequest) -> HttpResponse:
    return render(request, "review/today.html", page_of(request))


@require_safe
@never_cache
@requires("opsportal.view")
def now(request: HttpRequest) -> HttpResponse:
    """What the page asks for each minute: needs, and beside them the verdict and the figures."""
    return render(request, "review/today/now.html", now_of(request))

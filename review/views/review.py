from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsportal.access import requires


@require_safe
@requires("review.view")
def page(request: HttpRequest, kind: str, day: str) -> HttpResponse:
    return render(request, "review/review.html")

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsportal.access import requires


@require_safe
@requires("review.view")
def calendar(request: HttpRequest) -> HttpResponse:
    return render(request, "review/reviews.html")


@require_safe
@requires("review.view")
def trend(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "review/trend.html")

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsportal.access import requires
from review.history import days_page, line_for, trend_page


@require_safe
@requires("review.view")
def calendar(request: HttpRequest) -> HttpResponse:
    return render(request, "review/reviews.html", days_page(request))


@require_safe
@requires("review.view")
def trend(request: HttpRequest, line_key: str) -> HttpResponse:
    return render(request, "review/trend.html", trend_page(request, line_for(request, line_key)))

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opsportal import clock, frame
from opsportal.access import requires


@require_safe
@requires("opsportal.view")
def today(request: HttpRequest) -> HttpResponse:
    return render(request, "review/today.html", {"today": clock.today(), "cards": frame.cards(request)})

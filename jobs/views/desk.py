from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobs import queries
from jobs.views.drawing import strip_of
from opsportal.access import requires


@require_safe
@requires("jobs.view")
def jobs(request: HttpRequest) -> HttpResponse:
    desk = queries.desk()
    return render(request, "jobs/jobs.html", {"desk": desk, "rows": [(view, strip_of(view.runs)) for view in desk.jobs]})

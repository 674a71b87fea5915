from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from jobs import actions, queries
from jobs.views.finding import found
from jobs.views.running import page_of_run, progress_of
from opsportal.access import requires
from opsportal.acts import act


@require_safe
@requires("jobs.view")
@found
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    return render(request, "jobs/run.html", page_of_run(queries.find_run(run_id), request.GET.get("cursor", "")))


@require_safe
@never_cache
@requires("jobs.view")
@found
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """What changes while it runs, asked for every two seconds. When it is over, the page is loaded anew."""
    run = queries.find_run(run_id)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("job_run", run_id)
    return render(request, "jobs/_live.html", progress_of(run)) if run.is_active else HttpResponseClientRefresh()


@require_POST
@requires("jobs.run")
@found
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    queries.find_run(run_id)
    act(request, actions.stop_run, done=_("The run ends before its next batch. What was done stays done."), run_id=run_id)
    return redirect("job_run", run_id)


@require_POST
@requires("jobs.run")
@found
def again(request: HttpRequest, run_id: int) -> HttpResponse:
    queries.find_run(run_id)
    new = act(request, actions.rerun_failed_items, done=_("The failed items are done again in this run."), run_id=run_id)
    return redirect("job_run", new.pk if new else run_id)

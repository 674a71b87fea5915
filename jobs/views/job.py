from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.queries import for_entity
from jobs import actions, queries
from jobs.models import State, Trigger
from jobs.views.drawing import durations, events_of, strip_of
from jobs.views.finding import found, get_job
from opsportal.access import requires
from opsportal.acts import act
from opsportal.components import chip
from opsportal.keyset import page_of

DRAWN = 100
SHORT = 8
HISTORY = 20


@require_safe
@requires("jobs.view")
@found
def job(request: HttpRequest, job: str) -> HttpResponse:
    view = queries.view_of(get_job(job), DRAWN)
    context = {
        "view": view,
        "strip": strip_of(view.runs),
        "chart": durations(view.runs, view.job.time_guard),
        "runs": view.runs[:SHORT],
        "slots": queries.slots_of(job).order_by("-due_at")[:SHORT],
        "items": queries.items_of(job).order_by("-last_failed_at", "-id")[:SHORT],
        "due": view.due_times(3),
        "events": events_of(for_entity("job", job)[:HISTORY]),
    }
    return render(request, "jobs/job.html", context)


@require_POST
@requires("jobs.run")
@found
def run_now(request: HttpRequest, job: str) -> HttpResponse:
    """Past the schedule, not past the checks: what refuses it becomes the message."""
    get_job(job)
    run = act(request, actions.request_run, done=_("The run is asked for. It starts when a worker takes it."), job=job, trigger=Trigger.PERSON)
    return redirect("job_run", run.pk) if run else redirect("job", job)


@require_safe
@requires("jobs.view")
@found
def runs(request: HttpRequest, job: str) -> HttpResponse:
    """The list outlives the job: what ran in an earlier version is still to be seen."""
    page = page_of(queries.runs_of(job, request.GET.get("state", "")), request.GET.get("cursor", ""), fields=("job", "id"))
    if not page.rows:
        get_job(job)
    for run in page.rows:
        run.follow()
    chips = [chip(request, state.label, state=state.value) for state in State]
    return render(request, "jobs/run_list.html", {"name": job, "page": page, "chips": chips, "is_filtered": any(one.on for one in chips)})


@require_safe
@requires("jobs.view")
@found
def slots(request: HttpRequest, job: str) -> HttpResponse:
    only = chip(request, _("did not run"), reason="any")
    page = page_of(queries.slots_of(job, not_run=only.on), request.GET.get("cursor", ""), fields=("due_at", "id"))
    if not page.rows:
        get_job(job)
    return render(request, "jobs/slot_list.html", {"name": job, "page": page, "chips": [only]})

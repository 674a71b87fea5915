from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.queries import for_entity
from jobs import actions
from jobs.action_types import JobAction
from jobs.engine.standing import Standing, standing
from jobs.forms import ScheduleForm, is_as_seen, seen
from jobs.models import Schedule
from jobs.views.finding import found, get_job
from opsportal import clock
from opsportal.access import requires
from opsportal.acts import act


@require_http_methods(["GET", "POST"])
@requires("jobs.change_schedule")
@found
def change(request: HttpRequest, job: str) -> HttpResponse:
    """Saves, or with `preview` only says when the job would be due."""
    now = standing(get_job(job))
    if request.method == "GET":
        return _page(request, now, ScheduleForm.of(now.schedule), now.schedule)
    form = ScheduleForm(request.POST)
    times = form.times()
    if "preview" in request.POST:
        return _preview(request, now, times)
    done = _("The schedule is changed. Slots count from now on.")
    if form.is_valid() and times and act(request, actions.change_schedule, done=done, form=form, job=job, reason=form.cleaned_data["reason"], was=form.was, **times):  # fmt: skip
        return redirect("job", job)
    return _refused(request, now, form, times)


def _page(request: HttpRequest, now: Standing, form: ScheduleForm, schedule: Schedule | None, status: int = 200, **more: Any) -> HttpResponse:
    context = {"job": now.job, "standing": now, "form": form, "due": _due(schedule), "schedule": schedule, **more}
    return render(request, "jobs/schedule.html", context, status=status)


def _due(schedule: Schedule | None) -> list[Any]:
    return list(islice(schedule.times.due_after(clock.now(), get_default_timezone()), 3)) if schedule else []


def _preview(request: HttpRequest, now: Standing, times: dict[str, Any] | None) -> HttpResponse:
    """The list alone for htmx; else the page as it was typed, with no complaint about what is still missing."""
    schedule = Schedule(**times) if times else None
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "jobs/schedule.html#preview", {"due": _due(schedule), "schedule": schedule})
    return _page(request, now, ScheduleForm(initial=request.POST.dict()), schedule)


def _refused(request: HttpRequest, now: Standing, form: ScheduleForm, times: dict[str, Any] | None) -> HttpResponse:
    other = None
    if times and not is_as_seen(now.schedule, form.was):
        # What the other one did is shown now; whoever saves again has seen it.
        other = for_entity("job", now.job.name).filter(action_type=JobAction.CHANGE_SCHEDULE).first()
        form.data = {**form.data.dict(), **{name: "" if value is None else str(value) for name, value in seen(now.schedule).items()}}  # type: ignore[attr-defined]
    return _page(request, now, form, Schedule(**times) if times else None, 422, other=other)

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from health import actions, probe_words
from health.forms import ReasonForm
from health.models import Probe
from health.probe_forms import ProbeForm, Steps, new_steps, steps_of, typed_steps
from health.probing.trying import try_now
from opsportal.access import requires
from opsportal.acts import act
from opsportal.errors import Invalid, OpsError

MANAGE = "health.manage_probes"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def create(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ProbeForm.new(), new_steps())
    return _typed(request, actions.create_probe, _("The probe is there. It looks within a minute."))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def edit(request: HttpRequest, probe_id: int) -> HttpResponse:
    probe = get_object_or_404(Probe, pk=probe_id)
    if request.method != "POST":
        return _page(request, ProbeForm.of(probe), steps_of(probe), probe)
    return _typed(request, actions.change_probe, _("The probe is changed. It looks within a minute."), probe)


@require_POST
@requires(MANAGE)
def run(request: HttpRequest, probe_id: int) -> HttpResponse:
    get_object_or_404(Probe, pk=probe_id)
    result = act(request, actions.run_probe, done="", probe_id=probe_id)
    if result and result.ok:
        messages.success(request, _("It answered as expected in %(time)s.") % {"time": probe_words.seconds(result.ms)})
    elif result:
        messages.error(request, _("It failed: %(why)s.") % {"why": probe_words.why(result.fault, {**result.facts, "step": result.step})})
    return redirect("health_probe", probe_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def pause(request: HttpRequest, probe_id: int) -> HttpResponse:
    probe, form = get_object_or_404(Probe, pk=probe_id), ReasonForm(request.POST or None)
    done = _("“%(name)s” is paused: it looks at nothing.") % {"name": probe.name}
    if form.is_valid() and act(request, actions.pause_probe, done=done, form=form, probe_id=probe_id, **form.cleaned_data):
        return redirect("health_probe", probe_id)
    return render(request, "health/probe_pause.html", {"form": form, "probe": probe}, status=422 if form.is_bound else 200)


@require_POST
@requires(MANAGE)
def resume(request: HttpRequest, probe_id: int) -> HttpResponse:
    probe = get_object_or_404(Probe, pk=probe_id)
    act(request, actions.resume_probe, done=_("“%(name)s” looks again, within a minute.") % {"name": probe.name}, probe_id=probe_id)
    return redirect("health_probe", probe_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def delete(request: HttpRequest, probe_id: int) -> HttpResponse:
    probe, form = get_object_or_404(Probe, pk=probe_id), ReasonForm(request.POST or None)
    done = _("“%(name)s” is deleted.") % {"name": probe.name}
    if form.is_valid() and act(request, actions.delete_probe, done=done, form=form, probe_id=probe_id, **form.cleaned_data):
        return redirect("health_probes")
    return render(request, "health/probe_delete.html", {"form": form, "probe": probe}, status=422 if form.is_bound else 200)


def _typed(request: HttpRequest, action: Any, done: str, probe: Probe | None = None) -> HttpResponse:
    form, steps = ProbeForm(request.POST), typed_steps(request.POST, one_more="add" in request.POST)
    if "add" in request.POST or not all([form.is_valid(), steps.is_valid()]):
        return _page(request, form, steps, probe, refused="add" not in request.POST)
    which = {"probe_id": probe.pk} if probe else {}
    try:
        if "try" in request.POST:
            return _page(request, form, steps, probe, tried=try_now(steps.steps(), form.cleaned_data["time_limit"], probe))
        actor, why = request.user.actor, form.cleaned_data["reason"]  # type: ignore[union-attr]
        saved = action(actor=actor, terms=form.terms(), steps=steps.steps(), reason=why, **which)
    except OpsError as error:
        _refuse(form, steps, error)
        return _page(request, form, steps, probe, refused=True)
    messages.success(request, done)
    return redirect("health_probe", saved.pk)


def _refuse(form: ProbeForm, steps: Steps, error: OpsError) -> None:
    if isinstance(error, Invalid) and "step" in error.facts:
        steps.refuse(error)
    else:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, str(error))


def _page(
    request: HttpRequest, form: ProbeForm, steps: Steps, probe: Probe | None = None, *, refused: bool = False, tried: Any = None
) -> HttpResponse:
    context = {"form": form, "steps": steps, "probe": probe, "tried": tried, "is_full": steps.total_form_count() >= steps.max_num}
    return render(request, "health/probe_form.html", context, status=422 if refused else 200)

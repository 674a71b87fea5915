from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from health import actions
from health.forms import PingForm, ReasonForm
from health.models import Ping
from health.preview import next_times
from opsportal.access import requires
from opsportal.acts import act

MANAGE = "health.manage_pings"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def create(request: HttpRequest) -> HttpResponse:
    form = PingForm(request.POST) if request.method == "POST" else PingForm.new()
    if "preview" in request.POST or not form.is_valid():
        return _form(request, form)
    made = act(request, actions.create_ping, done=_("The ping is there. It is new until its first call."), form=form, **form.wanted())
    return redirect("health_ping", made.pk) if made else _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def edit(request: HttpRequest, ping_id: int) -> HttpResponse:
    ping = get_object_or_404(Ping, pk=ping_id)
    form = PingForm(request.POST) if request.method == "POST" else PingForm.of(ping)
    if "preview" in request.POST or not form.is_valid():
        return _form(request, form, ping)
    made = act(request, actions.change_ping, done=_("The ping is changed."), form=form, ping_id=ping_id, **form.wanted())
    return redirect("health_ping", ping_id) if made else _form(request, form, ping)


@require_safe
@requires("health.view")
def preview(request: HttpRequest) -> HttpResponse:
    """The next three times of what is being typed, for the form."""
    return render(request, "health/_preview.html", {"preview": next_times(request.GET)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def pause(request: HttpRequest, ping_id: int) -> HttpResponse:
    ping, form = get_object_or_404(Ping, pk=ping_id), ReasonForm(request.POST or None)
    done = _("“%(name)s” is paused: nothing is expected of it.") % {"name": ping.name}
    if form.is_valid() and act(request, actions.pause_ping, done=done, form=form, ping_id=ping_id, **form.cleaned_data):
        return redirect("health_ping", ping_id)
    return render(request, "health/pause.html", {"form": form, "ping": ping}, status=422 if form.is_bound else 200)


@require_POST
@requires(MANAGE)
def resume(request: HttpRequest, ping_id: int) -> HttpResponse:
    ping = get_object_or_404(Ping, pk=ping_id)
    act(request, actions.resume_ping, done=_("“%(name)s” is expected again from now on.") % {"name": ping.name}, ping_id=ping_id)
    return redirect("health_ping", ping_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def delete(request: HttpRequest, ping_id: int) -> HttpResponse:
    ping, form = get_object_or_404(Ping, pk=ping_id), ReasonForm(request.POST or None)
    done = _("“%(name)s” is deleted.") % {"name": ping.name}
    if form.is_valid() and act(request, actions.delete_ping, done=done, form=form, ping_id=ping_id, **form.cleaned_data):
        return redirect("health_pings")
    return render(request, "health/delete.html", {"form": form, "ping": ping}, status=422 if form.is_bound else 200)


def _form(request: HttpRequest, form: PingForm, ping: Ping | None = None) -> HttpResponse:
    values = form.data if form.is_bound else {name: form[name].value() for name in ("how", "cron", "time_zone")}
    is_refused = form.is_bound and "preview" not in request.POST
    if not is_refused and form.is_bound:
        messages.info(request, _("Nothing is saved yet: these are the next times."))
    return render(request, "health/form.html", {"form": form, "ping": ping, "preview": next_times(values)}, status=422 if is_refused else 200)

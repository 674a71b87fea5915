from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beta import actions
from beta.forms import CapForm, ProgramForm, ReasonForm
from beta.queries import get_program
from beta.queries.desk import desk
from beta.views.drawing import events_of, per_day
from opsportal.access import is_fresh, requires
from opsportal.acts import act


def _page(request: HttpRequest, status: int = 200, **forms: object) -> HttpResponse:
    program = get_program()
    template = "beta/stopped.html" if program.is_stopped or settings.BETA_SIGNUPS_PAUSED else "beta/desk.html"
    blank = {
        "cap_form": CapForm(initial={"cap": program.cap}),
        "reason_form": ReasonForm(prefix="stop"),
        "resume_form": ReasonForm(prefix="resume", label=_("Reason to resume")),
    }
    figures = desk(program)
    drawn = {"chart": per_day(figures), "events": events_of(figures.before_the_stop)}
    return render(request, template, {"desk": figures, "is_fresh": is_fresh(request), **drawn, **blank, **forms}, status=status)


@require_safe
@requires("beta.view")
def overview(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_http_methods(["GET", "POST"])
@requires("beta.stop_signups")
def stop(request: HttpRequest) -> HttpResponse:
    """GET asks once, POST stops. The reason may come later: nobody who is frightened should have to type first."""
    if request.method == "GET":
        return render(request, "beta/stop.html", {"desk": desk(get_program())})
    act(request, actions.stop_signups, done="", reason=request.POST.get("reason", "")[:500])
    return redirect("beta")


@require_POST
@requires("beta.stop_signups")
def explain(request: HttpRequest) -> HttpResponse:
    form = ReasonForm(request.POST, prefix="stop")
    if form.is_valid() and act(request, actions.explain_stop, done=_("The reason is recorded."), form=form, reason=form.cleaned_data["reason"]):
        return redirect("beta")
    return _page(request, 422, reason_form=form)


@require_http_methods(["GET", "POST"])
@requires("beta.resume_signups", fresh=True)
def resume(request: HttpRequest) -> HttpResponse:
    form = ReasonForm(request.POST or None, prefix="resume")
    if request.method == "GET":
        return render(request, "beta/resume.html", {"desk": desk(get_program()), "resume_form": form, "is_fresh": is_fresh(request)})
    done = _("Signups are open again. Who was refused must try again.")
    if form.is_valid() and act(request, actions.resume_signups, done=done, form=form, reason=form.cleaned_data["reason"]):
        return redirect("beta")
    return _page(request, 422, resume_form=form)


@require_POST
@requires("beta.change_program", fresh=True)
def change_cap(request: HttpRequest) -> HttpResponse:
    form = CapForm(request.POST)
    if form.is_valid() and (program := act(request, actions.change_cap, done="", form=form, **form.cleaned_data)):
        figures = {"cap": program.cap, "taken": program.seats_taken}
        if program.seats_taken > program.cap:
            text = _("The cap is %(cap)s, below the %(taken)s seats taken: nobody loses a seat, and nobody new gets in.")
        else:
            text = _("The cap is %(cap)s now; %(taken)s seats are taken.")
        messages.success(request, text % figures)
        return redirect("beta")
    return _page(request, 422, cap_form=form)


@require_http_methods(["GET", "POST"])
@requires("beta.change_program", fresh=True)
def program(request: HttpRequest) -> HttpResponse:
    form = ProgramForm(request.POST) if request.method == "POST" else ProgramForm.of(get_program())
    if form.is_valid() and act(request, actions.change_program, done=_("The program is changed."), form=form, **form.cleaned_data):
        return redirect("beta")
    return render(request, "beta/program.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("beta.manage_invites")
def pause(request: HttpRequest) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if form.is_valid() and act(request, actions.pause_invites, done=_("Invites are paused."), form=form, **form.cleaned_data):
        return redirect("beta")
    return render(request, "beta/pause.html", {"form": form, "desk": desk(get_program())}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("beta.manage_invites", fresh=True)
def unpause(request: HttpRequest) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if form.is_valid() and act(request, actions.unpause_invites, done=_("Invites work again."), form=form, **form.cleaned_data):
        return redirect("beta")
    return render(request, "beta/unpause.html", {"form": form, "desk": desk(get_program())}, status=422 if form.is_bound else 200)

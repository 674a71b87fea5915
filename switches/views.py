from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.queries import for_entity
from opsportal import access
from opsportal.access import is_fresh, requires
from opsportal.acts import act
from opsportal.keyset import page_of
from switches import actions, desk, forced, queries, registry
from switches.drawing import events_of
from switches.forms import AddForm, OffForm, ReasonForm, WordsForm
from switches.models import Switch

HISTORY = 30


@require_safe
@requires("switches.view")
def switches(request: HttpRequest) -> HttpResponse:
    lines = desk.lines()
    context = {"masters": lines[:1], "others": lines[1:], "readings": desk.reading_lines(), "may": _may()}
    # htmx asks for the list alone every few seconds; “Back” asks for the page.
    is_part = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    return render(request, f"switches/switches.html{'#list' if is_part else ''}", context)


def _may() -> dict[str, str]:
    """The roles that may do what the page has no buttons for, in words."""
    return {act: ", ".join(access.describe(f"switches.{act}")[1]) for act in ("turn_off", "turn_on", "manage")}


@require_safe
@requires("switches.view")
def switch(request: HttpRequest, name: str) -> HttpResponse:
    if reading := registry.readings().get(name):
        line = desk.reading_line(reading, queries.reads_of(name))
        return render(request, "switches/reading.html", {"line": line})
    found = _found(name)
    rows = for_entity("switch", found.pk)
    page = page_of(rows, request.GET.get("cursor", ""), fields=("created_at", "id"), size=HISTORY)
    context = {"line": desk.line(found), "page": page, "events": events_of(page.rows), "may": _may()}
    return render(request, "switches/switch.html", context)


def _found(name: str) -> Switch:
    found = Switch.objects.filter(pk=name).first() if forced.NAME.fullmatch(name) else None
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@requires("switches.turn_off")
def turn_off(request: HttpRequest, name: str) -> HttpResponse:
    """GET asks why and until when, POST turns off."""
    found, form = _found(name), OffForm(request.POST or None)
    done = _("%(name)s is off.") % {"name": name}
    may_turn_on = request.user.has_perm("switches.turn_on") and is_fresh(request)
    if form.is_valid() and act(request, actions.turn_off, done=done, form=form, name=name, may_turn_on=may_turn_on, **form.cleaned_data):
        return redirect("switch", name)
    return _asked(request, "switches/turn_off.html", found, form)


@require_http_methods(["GET", "POST"])
@requires("switches.turn_on", fresh=True)
def turn_on(request: HttpRequest, name: str) -> HttpResponse:
    found, form = _found(name), ReasonForm(request.POST or None)
    done = _("%(name)s is on.") % {"name": name}
    if name in forced.forced_off():
        done = _("%(name)s is on here, but this server's environment still forces it off.") % {"name": name}
    if form.is_valid() and act(request, actions.turn_on, done=done, form=form, name=name, **form.cleaned_data):
        return redirect("switch", name)
    return _asked(request, "switches/turn_on.html", found, form)


@require_http_methods(["GET", "POST"])
@requires("switches.manage")
def add(request: HttpRequest) -> HttpResponse:
    form = AddForm(request.POST or None)
    if form.is_valid() and (made := act(request, actions.add_switch, done=_("The switch is there, and on."), form=form, **form.cleaned_data)):
        return redirect("switch", made.pk)
    return render(request, "switches/add.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("switches.manage")
def describe(request: HttpRequest, name: str) -> HttpResponse:
    found = _found(name)
    form = WordsForm(request.POST or None, initial={"description": found.description, "owner": found.owner})
    if form.is_valid() and act(request, actions.describe_switch, done=_("The words are changed."), form=form, name=name, **form.cleaned_data):
        return redirect("switch", name)
    return _asked(request, "switches/describe.html", found, form)


@require_http_methods(["GET", "POST"])
@requires("switches.manage", fresh=True)
def remove(request: HttpRequest, name: str) -> HttpResponse:
    found, form = _found(name), ReasonForm(request.POST or None)
    done = _("%(name)s is gone.") % {"name": name}
    if form.is_valid() and act(request, actions.remove_switch, done=done, form=form, name=name, **form.cleaned_data):
        return redirect("switches")
    return _asked(request, "switches/remove.html", found, form)


def _asked(request: HttpRequest, template: str, switch: Switch, form: Any) -> HttpResponse:
    context = {"line": desk.line(switch), "form": form, "is_fresh": is_fresh(request)}
    return render(request, template, context, status=422 if form.is_bound else 200)

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.queries import for_entity
from beta import actions
from beta.forms import HouseholdFilter, ReasonForm, RefusalFilter
from beta.models import Household, Refusal
from beta.queries import find_households
from beta.queries.support import is_overdue, messages_of
from beta.views.drawing import events_of
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

HISTORY, MESSAGES = 50, 5


@require_safe
@requires("beta.view")
def households(request: HttpRequest) -> HttpResponse:
    form = HouseholdFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = find_households(text=chosen.get("q", ""), status=chosen.get("status", ""))
    page = page_of(found, request.GET.get("cursor", ""), fields=("created_at", "id"))
    return render(request, "beta/households.html", {"filter": form, "page": page, "chosen": {name: value for name, value in chosen.items() if value}})


@require_safe
@requires("beta.view")
def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    found = get_object_or_404(Household.objects.select_related("invite"), pk=household_id)
    events = events_of(for_entity("household", household_id)[:HISTORY])
    messages = list(messages_of(household_id)[: MESSAGES + 1])
    context = {
        "household": found,
        "events": events,
        "messages_shown": [(one, is_overdue(one)) for one in messages[:MESSAGES]],
        "has_more": messages[MESSAGES:],
    }
    return render(request, "beta/household.html", context)


@require_http_methods(["GET", "POST"])
@requires("beta.manage_households")
def remove(request: HttpRequest, household_id: UUID) -> HttpResponse:
    found = get_object_or_404(Household, pk=household_id)
    form = ReasonForm(request.POST or None)
    done = _("%(name)s has no seat any more; it is free for another household.") % {"name": found}
    if form.is_valid() and act(request, actions.remove_household, done=done, form=form, household_id=household_id, **form.cleaned_data):
        return redirect("beta_household", household_id)
    return render(request, "beta/household_remove.html", {"household": found, "form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("beta.manage_households", fresh=True)
def reactivate(request: HttpRequest, household_id: UUID) -> HttpResponse:
    found = get_object_or_404(Household, pk=household_id)
    form = ReasonForm(request.POST or None)
    done = _("%(name)s has a seat again.") % {"name": found}
    if form.is_valid() and act(request, actions.reactivate_household, done=done, form=form, household_id=household_id, **form.cleaned_data):
        return redirect("beta_household", household_id)
    return render(request, "beta/household_reactivate.html", {"household": found, "form": form}, status=422 if form.is_bound else 200)


@require_safe
@requires("beta.view")
def refusals(request: HttpRequest) -> HttpResponse:
    form = RefusalFilter(request.GET)
    code = form.cleaned_data["code"] if form.is_valid() else ""
    found = Refusal.objects.filter(code=code) if code else Refusal.objects.all()
    page = page_of(found, request.GET.get("cursor", ""), fields=("at", "id"))
    return render(request, "beta/refusals.html", {"filter": form, "page": page, "code": code})

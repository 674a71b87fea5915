from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing import actions
from billing.forms.plan import PlanForm
from billing.models import Plan
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

EDIT = "billing.manage_plans"
ORDER = ("rank", "id")


@require_safe
@requires("billing.view")
def plans(request: HttpRequest) -> HttpResponse:
    page = page_of(Plan.objects.all(), request.GET.get("cursor", ""), fields=ORDER)
    return render(request, "billing/plans/list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def create(request: HttpRequest) -> HttpResponse:
    form = PlanForm(request.POST) if request.method == "POST" else PlanForm.new()
    if form.is_bound and form.is_valid():
        done = _("The plan is there. Checkouts can name it now.")
        if act(request, actions.create_plan, done=done, form=form, **form.wanted()):
            return redirect("billing_plans")
    return render(request, "billing/plans/form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(EDIT)
def edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=plan_id)
    form = PlanForm.of(plan, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        seen = form.cleaned_data["version"] or 0
        if act(request, actions.change_plan, done=_("The plan is changed."), form=form, plan_id=plan_id, version=seen, **form.wanted()):
            return redirect("billing_plans")
    return render(request, "billing/plans/form.html", {"form": form, "plan": plan}, status=422 if form.is_bound else 200)

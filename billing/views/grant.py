"""What a person does about a customer's plan beside a reconciliation: give one, end one, tell the product again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.actions.callback import resend_callback
from billing.actions.grant import end_grant, grant_plan
from billing.checkout_page import checkout_of_customer_or_404, checkout_or_404, plan_of_customer
from billing.forms.desk import EndForm, GrantForm
from billing.models import Grant
from opsportal.access import requires
from opsportal.acts import act


@require_http_methods(["GET", "POST"])
@requires("billing.reconcile")
def resend(request: HttpRequest, checkout_id: str) -> HttpResponse:
    checkout = checkout_of_customer_or_404(checkout_id)
    form = EndForm(request.POST or None)
    done = _("The product is told again.")
    if form.is_valid() and act(request, resend_callback, done=done, form=form, checkout_id=checkout_id, **form.cleaned_data):
        return redirect("billing_checkout", checkout_id)
    context = {"checkout": checkout, "form": form, "has": plan_of_customer(checkout.customer_key)}
    return render(request, "billing/checkout_resend.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("billing.grant", fresh=True)
def give(request: HttpRequest, checkout_id: str) -> HttpResponse:
    checkout = checkout_of_customer_or_404(checkout_id)
    form = GrantForm(request.POST or None, initial={"plan": checkout.plan.key if checkout.plan else ""})
    values = {"customer_key": checkout.customer_key, "checkout_id": checkout_id}
    if form.is_valid():
        said = {"plan_key": form.cleaned_data["plan"], "until": form.cleaned_data["until"], "reason": form.cleaned_data["reason"]}
        if act(request, grant_plan, done=_("The plan is given, and the product is told."), form=form, **values, **said):
            return redirect("billing_checkout", checkout_id)
    context = {"checkout": checkout, "form": form, "has": plan_of_customer(checkout.customer_key)}
    return render(request, "billing/checkout_grant.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("billing.grant", fresh=True)
def end(request: HttpRequest, checkout_id: str, grant_id: int) -> HttpResponse:
    """Of the checkout's customer only."""
    checkout = checkout_or_404(checkout_id)
    grant = Grant.objects.select_related("plan", "payment").filter(pk=grant_id, customer_key=checkout.customer_key).first()
    if grant is None:
        raise Http404
    form = EndForm(request.POST or None)
    done = _("The plan is ended, and the product is told.")
    if form.is_valid() and act(request, end_grant, done=done, form=form, grant_id=grant_id, **form.cleaned_data):
        return redirect("billing_checkout", checkout_id)
    context = {"checkout": checkout, "grant": grant, "form": form}
    return render(request, "billing/checkout_end_grant.html", context, status=422 if form.is_bound else 200)

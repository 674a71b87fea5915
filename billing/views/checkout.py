from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.actions.handling import handle_checkout
from billing.checkout_page import checkout_or_404, context_of, snapshot_or_404
from billing.forms.desk import NoteForm, ReconcileForm
from billing.reconciling import apply_reconciliation
from opsportal.access import requires
from opsportal.acts import act


@require_safe
@requires("billing.view")
def checkout(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Asks the provider, for 6 seconds at most; `?ask=0` shows our own sides without."""
    found = snapshot_or_404(checkout_id, ask=request.GET.get("ask") != "0")
    return render(request, "billing/checkout.html", context_of(request, found))


@require_http_methods(["GET", "POST"])
@requires("billing.reconcile", fresh=True)
def reconcile(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """What is refused is shown with everything read again, and with the reason that was typed."""
    checkout_or_404(checkout_id)
    if request.method == "GET":
        return redirect("billing_checkout", checkout_id)
    form = ReconcileForm(request.POST)
    if form.is_valid() and (applied := act(request, apply_reconciliation, done="", form=form, checkout_id=checkout_id, **form.cleaned_data)):
        messages.success(request, _("Reconciled. Below is the proof: all sides, read again."))
        return redirect(f"{reverse('billing_checkout', args=[checkout_id])}?done={applied.audit_pk}")
    found = snapshot_or_404(checkout_id, ask=True)
    return render(request, "billing/checkout.html", context_of(request, found, form), status=422)


@require_http_methods(["GET", "POST"])
@requires("billing.reconcile")
def handle(request: HttpRequest, checkout_id: str) -> HttpResponse:
    """Nothing is moved: a note that the next person finds."""
    checkout = checkout_or_404(checkout_id)
    form = NoteForm(request.POST or None, initial={"reason": checkout.handled_note})
    done = _("Marked as handled. Its findings count no more.")
    if form.is_valid() and act(request, handle_checkout, done=done, form=form, checkout_id=checkout_id, **form.cleaned_data):
        return redirect("billing_checkout", checkout_id)
    return render(request, "billing/checkout_handle.html", {"checkout": checkout, "form": form}, status=422 if form.is_bound else 200)

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from billing.actions.finding import handle_finding
from billing.finding_page import context_of, line_of
from billing.forms.finding import FindingFilter, HandledForm
from billing.models import Finding
from opsportal.access import requires
from opsportal.acts import act


@require_safe
@requires("billing.view")
def findings(request: HttpRequest) -> HttpResponse:
    return render(request, "billing/findings/findings.html", context_of(request, FindingFilter(request.GET).wanted()))


@require_http_methods(["GET", "POST"])
@requires("billing.reconcile")
def handle(request: HttpRequest, finding_id: int) -> HttpResponse:
    """A note that the next person finds; nothing else is moved."""
    if finding_id >= 2**63:
        raise Http404
    found = get_object_or_404(Finding.objects.select_related("checkout", "payment", "event"), pk=finding_id)
    form = HandledForm(request.POST or None, initial={"reason": found.handled_note})
    done = _("Marked as handled. It counts no more, and closes itself when the sides agree.")
    if form.is_valid() and act(request, handle_finding, done=done, form=form, finding_id=finding_id, **form.cleaned_data):
        return redirect("billing_findings")
    return render(request, "billing/findings/handle.html", {"line": line_of(found), "form": form}, status=422 if form.is_bound else 200)

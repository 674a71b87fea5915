from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jobs import actions, queries
from jobs.forms import ReasonForm
from jobs.models import FailedItem, ItemState
from jobs.views.finding import found, get_job
from opsportal.access import requires
from opsportal.acts import act
from opsportal.components import chip
from opsportal.errors import NotFound
from opsportal.keyset import page_of


@require_safe
@requires("jobs.view")
@found
def items(request: HttpRequest, job: str) -> HttpResponse:
    chips = [chip(request, state.label, state=state.value) for state in ItemState]
    state = request.GET["state"] if any(one.on for one in chips) else ""
    page = page_of(queries.items_of(job, state), request.GET.get("cursor", ""), fields=("last_failed_at", "id"))
    if not page.rows:
        get_job(job)
    return render(request, "jobs/item_list.html", {"name": job, "page": page, "chips": chips, "state": state})


@require_http_methods(["GET", "POST"])
@requires("jobs.run")
@found
def set_aside(request: HttpRequest, item_id: int) -> HttpResponse:
    item = FailedItem.objects.filter(pk=item_id).first()
    if item is None:
        raise NotFound(_("There is no such failed item."))
    form = ReasonForm(request.POST or None)
    done = _("%(item)s is set aside: it is not tried again by itself.") % {"item": item.key}
    if form.is_valid() and act(request, actions.set_item_aside, done=done, form=form, item_id=item_id, **form.cleaned_data):
        return redirect("job_items", item.job)
    return render(request, "jobs/item_aside.html", {"item": item, "form": form}, status=422 if form.is_bound else 200)

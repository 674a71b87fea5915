from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit.queries import for_entity
from catalog.actions.alert import end_alert, pause_alert, resume_alert
from catalog.forms.alert import AlertFilter, AlertReasonForm
from catalog.models import Alert
from catalog.queries.alert import ORDER, deliveries_of, figures, find_alerts, newest_events
from catalog.queries.best import best_for
from catalog.views.alert_drawing import tiles_of
from catalog.views.drawing import HISTORY, events_of
from opsportal.access import requires
from opsportal.acts import act
from opsportal.components import chip
from opsportal.keyset import page_of

EVENTS = 50
MANAGE = "catalog.manage_alerts"
# What a page that asks says: the act's name, and what it does.
_ASKED: dict[str, tuple[Promise, Promise]] = {
    "pause": (gettext_lazy("Pause the alert"), gettext_lazy("It is not looked at, and nothing is sent, until somebody resumes it.")),
    "resume": (gettext_lazy("Resume the alert"), gettext_lazy("It is looked at again within 15 minutes. What happened meanwhile is not told.")),
    "end": (gettext_lazy("End the alert"), gettext_lazy("For good. What it has fired stays listed; the household can make a new one.")),
}


@require_safe
@requires("catalog.view")
def alerts(request: HttpRequest) -> HttpResponse:
    form, undelivered = AlertFilter(request.GET), request.GET.get("undelivered") == "1"
    chosen = form.cleaned_data if form.is_valid() else {}
    filters = {"text": chosen.get("q", ""), "status": chosen.get("status", ""), "channel": chosen.get("channel", "")}
    page = page_of(find_alerts(**filters, undelivered=undelivered), request.GET.get("cursor", ""), fields=ORDER)
    context = {
        "filter": form, "page": page, "rows": deliveries_of(list(page.rows)), "tiles": tiles_of(figures()), "undelivered": undelivered,
        "chips": [chip(request, _("Undelivered"), undelivered="1")], "is_filtered": undelivered or any(filters.values()),
    }  # fmt: skip
    return render(request, "catalog/alerts/alerts.html", context)


@require_safe
@requires("catalog.view")
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    found = _found(alert_id)
    context = {
        "alert": found, "deliveries": newest_events(found, EVENTS), "best": best_for(found.household_id, found.product_id, found.currency),
        "events": events_of(for_entity("alert", alert_id)[:HISTORY]),
    }  # fmt: skip
    return render(request, "catalog/alerts/alert.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def pause(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    return _asked(request, alert_id, "pause", pause_alert, _("Paused. Nothing is sent until it is resumed."))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def resume(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    return _asked(request, alert_id, "resume", resume_alert, _("Resumed. It is looked at again within 15 minutes."))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MANAGE)
def end(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    return _asked(request, alert_id, "end", end_alert, _("Ended."))


def _asked(request: HttpRequest, alert_id: UUID, name: str, action: Callable[..., Any], done: str) -> HttpResponse:
    found, form = _found(alert_id), AlertReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and act(request, action, done=done, form=form, alert_id=alert_id, **form.cleaned_data):
        return redirect("alert", alert_id)
    what, point = _ASKED[name]
    context = {"alert": found, "form": form, "what": what, "point": point}
    return render(request, "catalog/alerts/act.html", context, status=422 if form.is_bound else 200)


def _found(alert_id: UUID) -> Alert:
    return get_object_or_404(Alert.objects.select_related("household", "product"), pk=alert_id)

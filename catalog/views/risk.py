from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from catalog.actions import check_risk
from catalog.models import Bucket
from catalog.queries.offer_page import found_offer
from opsportal.access import requires
from opsportal.errors import OpsError

PARTS = {"row": "catalog/_bucket_check.html"}


@require_POST
@requires("catalog.check_risk")
def check(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The part of the page that shows the risk, for htmx: a list's cell with `part=row`, else the offer's panel."""
    offer = found_offer(offer_id)
    before, level = offer.bucket, messages.SUCCESS
    try:
        check_risk(actor=request.user.actor, offer_id=offer_id)  # type: ignore[union-attr]
        offer.refresh_from_db()
        said = _told(before, offer.bucket, offer.risk_score)
    except OpsError as error:
        said, level = str(error), messages.ERROR
    if request.htmx:  # type: ignore[attr-defined]
        part = PARTS.get(request.POST.get("part", ""), "catalog/_risk.html")
        return trigger_client_event(render(request, part, {"offer": offer, "is_new": True}), "toast", {"value": said})
    messages.add_message(request, level, said)
    return _back(request, offer_id)


def _told(before: str, now: str, score: int | None) -> str:
    words = {"before": Bucket(before).label, "now": Bucket(now).label, "score": score}
    if before == now:
        return _("Checked: the bucket stays “%(now)s”, risk %(score)s of 100.") % words
    return _("Checked: the bucket is “%(now)s” now, it was “%(before)s”. Risk %(score)s of 100.") % words


def _back(request: HttpRequest, offer_id: int) -> HttpResponse:
    """To the list that the button was on, if it says so."""
    place = request.POST.get("next", "")
    if place and url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure()):
        return redirect(place)
    return redirect("offer", offer_id)

"""“This price is wrong”: what we show, what the store says now, what it said before, and what a person decides."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog import live
from catalog.actions import take_reading
from catalog.models import Offer
from catalog.queries.history import prices_of
from catalog.queries.offer_page import found_offer
from catalog.queries.override import compared, layers_of
from opsportal.access import requires
from opsportal.acts import act
from opsportal.errors import Invalid

SHOWN = 10


def _context(offer: Offer, answer: live.Live | None) -> dict[str, Any]:
    layers = layers_of(offer)
    context = {"offer": offer, "layers": layers, "rows": prices_of(offer).order_by("-at", "-id")[:SHOWN], "live": answer}
    if answer:
        lines = compared(layers, answer.reading)
        context |= {"token": live.signed(answer), "lines": lines, "is_tracked": all(line.is_tracked for line in lines)}
    return context


@require_safe
@requires("catalog.view")
def wrong(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The page never asks the store itself: it is there at once, and the answer comes after it."""
    offer, answer = found_offer(offer_id), None
    if token := request.GET.get("live", ""):
        try:
            answer = live.unsigned(token, offer_id)
        except Invalid as error:
            messages.warning(request, str(error))
    return render(request, "catalog/wrong.html", _context(offer, answer))


@require_POST
@requires("catalog.check_risk")
def ask(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Ask the store now. Without JavaScript the answer comes back in the page's address, signed."""
    offer = found_offer(offer_id)
    answer = live.ask(offer)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "catalog/wrong.html#live", _context(offer, answer))
    return redirect(f"{reverse('offer_wrong', args=[offer_id])}?{urlencode({'live': live.signed(answer)})}")


@require_POST
@requires("catalog.edit")
def take(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Take over what the store said, as it stands in the form."""
    try:
        answer = live.unsigned(request.POST.get("live", ""), found_offer(offer_id).pk)
        if answer.reading is None:
            raise Invalid(_("The store said no price."))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("offer_wrong", offer_id)
    said = {field: getattr(answer.reading, field) for field in ("price", "list_price", "currency", "availability")}
    done = _("Taken over: this is what is tracked now.")
    if act(request, take_reading, done=done, offer_id=offer_id, read_at=answer.at, reason=request.POST.get("reason", "")[:500], **said):
        return redirect("offer", offer_id)
    return redirect("offer_wrong", offer_id)

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.actions import accept_held_price, dismiss_held_price
from catalog.drawing import RANGES, USUAL, price_chart
from catalog.models import Offer
from catalog.queries.history import prices_of
from catalog.queries.offer_page import acts_on, alerts_of, ended_of, found_offer, held_of
from catalog.queries.override import layers_of
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

PRICES = 25


@require_safe
@requires("catalog.view")
def offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    offer = found_offer(offer_id)
    layers = layers_of(offer)
    context = {"layers": layers, "held": held_of(offer), "alerts": alerts_of(offer), "acts": acts_on(offer), "ended": ended_of(offer, layers)}
    return render(request, "catalog/offer.html", {"offer": offer} | context | history_context(request, offer))


def history_context(request: HttpRequest, offer: Offer) -> dict[str, Any]:
    """The chart of `?days=` and a page of the rows behind it."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, RANGES) else USUAL
    page = page_of(prices_of(offer), request.GET.get("cursor", ""), fields=("at", "id"), size=PRICES)
    return {"drawn": price_chart(offer, days), "ranges": RANGES, "days": days, "page": page}


@require_POST
@requires("catalog.edit")
def decide_held(request: HttpRequest, offer_id: int) -> HttpResponse:
    """What the person saw comes with the form: another price that waits by now is not decided on."""
    seen = request.POST.get("seen", "")
    values: dict[str, Any] = {
        "offer_id": offer_id,
        "seen": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None,
        "reason": request.POST.get("reason", "")[:500],
    }
    if request.POST.get("decision") == "accept":
        act(request, accept_held_price, done=_("The price is taken over. It is in the history, under your name."), **values)
    else:
        act(request, dismiss_held_price, done=_("The price is dismissed. The history keeps it, marked as held."), **values)
    return redirect("offer", offer_id)

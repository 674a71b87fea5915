from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from beta.queries import get_program
from catalog.actions import override_offer, revert_override
from catalog.fields import in_words
from catalog.forms.override import OverrideForm, prefilled
from catalog.models import Override
from catalog.override_tiles import override_tiles
from catalog.queries.offer_page import found_offer
from catalog.queries.override import RED_FLAG, counts, find_overrides, layer_for, layer_of, overrides_today
from opsportal.access import requires
from opsportal.acts import act
from opsportal.components import chip
from opsportal.keyset import page_of

SHOWN = 50


@require_http_methods(["GET", "POST"])
@requires("catalog.edit")
def override(request: HttpRequest, offer_id: int) -> HttpResponse:
    """GET asks what is right, why and until when; POST says it."""
    offer = found_offer(offer_id)
    layer = layer_for(offer, request.POST.get("field", "") or request.GET.get("field", ""))
    known = prefilled(layer, request.GET.get("value", ""), request.GET.get("evidence", ""))
    form = OverrideForm(layer, request.POST or None, initial=known)
    if form.is_valid():
        done = _("Shown from now on: %(value)s.") % {"value": in_words(layer.field, form.cleaned_data["value"], offer.currency)}
        if act(request, override_offer, done=done, form=form, offer_id=offer_id, **form.cleaned_data):
            return redirect("offer", offer_id)
        layer = layer_for(offer, layer.field)
        form.see(layer)
    return render(request, "catalog/override.html", {"offer": offer, "layer": layer, "form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@requires("catalog.edit")
def revert(request: HttpRequest, override_id: int) -> HttpResponse:
    """POST reverts; GET asks, for those who came by a link."""
    override = get_object_or_404(Override.objects.select_related("offer__product", "offer__store"), pk=override_id)
    layer = layer_of(override)
    if request.method == "GET":
        return render(request, "catalog/revert.html", {"offer": override.offer, "override": override, "layer": layer})
    done = _("Reverted. Shown again is what the store says: %(value)s.") % {"value": in_words(layer.field, layer.tracked, override.offer.currency)}
    act(request, revert_override, done=done, override_id=override_id, reason=request.POST.get("reason", "")[:500])
    return redirect("offer_overrides") if request.POST.get("back") == "overrides" else redirect("offer", override.offer_id)


@require_safe
@requires("catalog.view")
def overrides(request: HttpRequest) -> HttpResponse:
    which = request.GET.get("which", "active")
    page = page_of(find_overrides(which), request.GET.get("cursor", ""), fields=("created_at", "id"), size=SHOWN)
    found, today = counts(), overrides_today()
    context = {
        "which": which, "page": page, "layers": [layer_of(one) for one in page.rows], "tiles": override_tiles(found, today), "today": today,
        "red_flag": RED_FLAG, "is_over": today > RED_FLAG, "program": get_program(), "chips": [chip(request, _("Made today"), which="today"), chip(request, _("Ended"), which="ended")],
    }  # fmt: skip
    return render(request, "catalog/overrides.html", context)

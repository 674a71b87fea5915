from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from beta.models import Household
from catalog.actions.profile import change_wishes
from catalog.forms.wishes import WishesForm
from catalog.queries import feed as queries
from catalog.queries.alert import deliveries_of, find_alerts
from catalog.queries.profile import in_words, profile_of
from catalog.queries.purchase import find_purchases
from catalog.queries.risk import frozen
from catalog.queries.suggestion import suggestions
from catalog.views.feed_drawing import changed_by_link, health_tiles, link_of, spread_bars
from opsportal.access import requires
from opsportal.acts import act
from opsportal.keyset import page_of

PREVIEW = 20
BESIDE = 10


@require_safe
@requires("catalog.view")
def overview(request: HttpRequest) -> HttpResponse:
    """How full the feeds are, and the households that see nothing."""
    health = queries.feed_health()
    page = page_of(queries.households_of(health.empty_ids), request.GET.get("cursor", ""), fields=("created_at", "id"))
    context = {
        "health": health, "tiles": health_tiles(health), "bars": spread_bars(health), "page": page, "enough": queries.ENOUGH,
        "filters": queries.FILTERS.values(), "frozen": frozen(),
    }  # fmt: skip
    return render(request, "catalog/feed/feed.html", context)


@require_safe
@requires("catalog.view")
def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """One household's feed, and what keeps the rest out of it."""
    found = get_object_or_404(Household, pk=household_id)
    return render(request, "catalog/feed/household.html", {"household": found, "frozen": frozen(), **_seen_by(found), **_told_by(found)})


def _seen_by(household: Household) -> dict[str, Any]:
    profile, funnel = profile_of(household.pk), queries.funnel(household.pk)
    offered = suggestions(profile, household.pk) if funnel.offers else []
    return {
        "profile": profile, "wishes": in_words(profile), "funnel": funnel, "candidates": queries.candidates(household.pk, PREVIEW),
        "suggestions": [(one, link_of(household.pk, one)) for one in offered], "shelves": queries.shelves(profile.categories),
        "enough": queries.ENOUGH,
    }  # fmt: skip


def _told_by(household: Household) -> dict[str, Any]:
    alerts = list(find_alerts(household=household.pk).order_by("-created_at", "-id")[:BESIDE])
    purchases = find_purchases(household=household.pk).order_by("-bought_at", "-id")[:BESIDE]
    return {"alerts": deliveries_of(alerts), "purchases": purchases}


@require_http_methods(["GET", "HEAD", "POST"])
@requires("catalog.manage_alerts")
def wishes(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """GET shows the profile, with a suggestion's change filled in where the link carries one; POST keeps it."""
    found, profile = get_object_or_404(Household, pk=household_id), profile_of(household_id)
    form = WishesForm(profile, request.POST) if request.method == "POST" else WishesForm.of(profile, changed_by_link(request.GET))
    wanted = form.wishes() if form.is_valid() else {}
    done = _("Kept. The feed shows it at once.")
    if wanted and act(request, change_wishes, done=done, form=form, household_id=household_id, **wanted):
        return redirect("feed_household", household_id)
    return render(request, "catalog/feed/wishes.html", {"household": found, "form": form}, status=422 if form.is_bound else 200)

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from catalog.actions.profile import FIELDS, change_wishes
from catalog.api.shapes import CATALOG, HOUSEHOLDS, Category, Id, Limit, Percent
from catalog.models import Profile
from catalog.queries.feed import candidates
from catalog.queries.profile import get_household, profile_of
from opsportal.api_schema import Amount, Body, Currency, conditional, problems
from opsportal.errors import Conflict

router = Router()


class ItemOut(Schema):
    """The best offer of a product. `saving_percent` against the 90-day median, null without one."""

    offer_id: int
    product_id: int
    store: str
    title: str
    price: int
    list_price: int | None
    currency: str
    bucket: str
    saving_percent: int | None
    rank: int


class FeedOut(Schema):
    household_id: UUID
    items: list[ItemOut]


class Wishes(Body):
    """All of it, each time: what is left out means no limit."""

    categories: list[Category] = []
    excluded_stores: list[Id] = []
    max_price: Amount | None = None
    currency: Currency = "BRL"
    min_saving: Percent | None = None


class WishesOut(Schema):
    household_id: UUID
    categories: list[str]
    excluded_stores: list[int]
    max_price: int | None
    currency: str
    min_saving: int | None


@router.get(
    "/feed/{uuid:household_id}", auth=CATALOG, response={200: FeedOut, 304: None, **problems(401, 403, 404, 422, 503)}, url_name="catalog_api_feed",
    summary="A household's feed",
)  # fmt: skip
def feed(request: HttpRequest, household_id: UUID, limit: Limit = 50) -> HttpResponse:
    """Best first; empty for a household that was removed · 404 household_unknown."""
    get_household(household_id)
    items = [{name: getattr(item, name) for name in ItemOut.model_fields} for item in candidates(household_id, limit)]
    return conditional(request, {"household_id": household_id, "items": items})


@router.get(
    "/households/{uuid:household_id}/profile", auth=HOUSEHOLDS, response={200: WishesOut, 304: None, **problems(401, 403, 404, 503)},
    url_name="catalog_api_profile", summary="What a household wants to see",
)  # fmt: skip
def profile(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Without limits for one that said nothing yet · 404 household_unknown."""
    get_household(household_id)
    return conditional(request, _said(profile_of(household_id)))


@router.put(
    "/households/{uuid:household_id}/profile", auth=HOUSEHOLDS, response={200: WishesOut, **problems(400, 401, 403, 404, 409, 413, 422, 503)},
    url_name="catalog_api_profile", summary="Say what a household wants to see",
)  # fmt: skip
def change_profile(request: HttpRequest, household_id: UUID, body: Wishes) -> HttpResponse:
    """200 also when nothing changes · 404 household_unknown · 409 household_removed."""
    client = request.api_client  # type: ignore[attr-defined]
    try:
        kept = change_wishes(actor=client.actor, household_id=household_id, **body.model_dump())
    except Conflict as error:
        if error.code != "unchanged":
            raise
        kept = profile_of(household_id)
    return JsonResponse(_said(kept))


def _said(profile: Profile) -> dict[str, Any]:
    return {"household_id": profile.household_id, **{name: getattr(profile, name) for name in FIELDS}}

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from catalog.api.shapes import BIGGEST_ID, CATALOG, PathId
from catalog.models import Bucket, Offer, Status
from catalog.queries.effective import with_shown
from opsportal.api_schema import Line, conditional, problems
from opsportal.errors import NotFound
from opsportal.keyset import page_of

router = Router(auth=CATALOG)


class OfferFilter(Schema):
    """`store` is the store's key. `updated_since`: only what changed at or after this moment, and then also what was archived (`status`
    says so): for a copy that is kept up to date. Ask from a minute before the newest `updated_at` you have: changes are seen when they
    have been committed. An offer that has left the bucket asked for is not told."""

    product_id: Annotated[int | None, Field(ge=1, le=BIGGEST_ID)] = None
    store: Annotated[Line | None, StringConstraints(max_length=40)] = None
    category: Annotated[Line | None, StringConstraints(max_length=60)] = None
    bucket: Bucket | None = None
    updated_since: AwareDatetime | None = None
    cursor: Annotated[str, StringConstraints(max_length=500)] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class OfferOut(Schema):
    """`price`, `list_price` and `availability` are what is shown: an override's value, else the tracked one, which stands beside it."""

    id: int
    product_id: int
    store: str
    title: str
    category: str
    url: str
    currency: str
    price: int | None
    list_price: int | None
    availability: str
    is_overridden: bool
    tracked_price: int | None
    tracked_list_price: int | None
    tracked_availability: str
    bucket: str
    risk_score: int | None
    median_90: int | None
    status: str
    confirmed_at: datetime | None
    updated_at: datetime


class OffersOut(Schema):
    offers: list[OfferOut]
    next: str | None


@router.get(
    "/offers",
    response={200: OffersOut, 304: None, **problems(400, 401, 403, 422, 503)},
    url_name="catalog_api_offers",
    summary="Offers as they are shown",
)
def offers(request: HttpRequest, query: Query[OfferFilter]) -> HttpResponse:
    """Active offers, with `updated_since` archived ones too, the newest change first; `next` leads to the following page, and is null on the last one."""
    wanted = {
        "status": None if query.updated_since else Status.ACTIVE,
        "product": query.product_id,
        "store__key": query.store,
        "product__category": query.category,
        "bucket": query.bucket,
        "updated_at__gte": query.updated_since,
    }
    found = Offer.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    page = page_of(with_shown(found.select_related("product", "store")), query.cursor, fields=("updated_at", "id"), size=query.limit)
    return conditional(request, {"offers": [_said(offer) for offer in page.rows], "next": page.older or None})


@router.get(
    "/offers/{int:offer_id}",
    response={200: OfferOut, 304: None, **problems(401, 403, 404, 422, 503)},
    url_name="catalog_api_offer",
    summary="One offer",
)
def offer(request: HttpRequest, offer_id: PathId) -> HttpResponse:
    """Also an archived one: `status` says so · 404 offer_unknown."""
    found = with_shown(Offer.objects.select_related("product", "store")).filter(pk=offer_id).first()
    if found is None:
        raise NotFound(_("There is no such offer."), code="offer_unknown")
    return conditional(request, _said(found))


def _said(offer: Any) -> dict[str, Any]:
    same = ("id", "product_id", "url", "currency", "is_overridden", "bucket", "risk_score", "median_90", "status", "confirmed_at", "updated_at")
    return {name: getattr(offer, name) for name in same} | {
        "store": offer.store.key, "title": str(offer), "category": offer.product.category, "price": offer.shown_price,
        "list_price": offer.shown_list_price, "availability": offer.shown_availability, "tracked_price": offer.price,
        "tracked_list_price": offer.list_price, "tracked_availability": offer.availability,
    }  # fmt: skip

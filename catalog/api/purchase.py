from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from catalog.actions.purchase import LONGEST_ID, Bought, record_purchase
from catalog.api.shapes import HOUSEHOLDS, Id
from opsportal.api_schema import MOST_AMOUNT, Amount, Body, Currency, Line, problems

router = Router(auth=HOUSEHOLDS)


class NewPurchase(Body):
    """`external_id` is the product's own number for it: the same again is not counted twice."""

    household_id: UUID
    external_id: Annotated[Line, StringConstraints(min_length=1, max_length=LONGEST_ID)]
    price: Amount
    currency: Currency
    bought_at: AwareDatetime
    offer_id: Id | None = None
    product_id: Id | None = None
    declared_saving: Annotated[int, Field(strict=True, ge=-MOST_AMOUNT, le=MOST_AMOUNT)] | None = None


class PurchaseOut(Schema):
    """`saving` is against `median_90`, the offer's 90-day median when it came in. `reasons`: why a person will look at it."""

    id: UUID
    household_id: UUID
    external_id: str
    offer_id: int | None
    product_id: int | None
    price: int
    currency: str
    declared_saving: int | None
    median_90: int | None
    saving: int | None
    is_outlier: bool
    reasons: list[str]
    bought_at: datetime


@router.post(
    "/purchases", response={201: PurchaseOut, 200: PurchaseOut, **problems(400, 401, 403, 404, 413, 422, 503)}, url_name="catalog_api_purchases",
    summary="Tell what a household bought",
)  # fmt: skip
def add_purchase(request: HttpRequest, body: NewPurchase) -> HttpResponse:
    """201; 200 when the same client said exactly this before · 404 household_unknown, offer_unknown, product_unknown · 422 purchase_mismatch:
    the number came with another purchase."""
    client = request.api_client  # type: ignore[attr-defined]
    kept, is_new = record_purchase(actor=client.actor, purchase=Bought(**body.model_dump()), client_id=client.id)
    names = [name for name in PurchaseOut.model_fields if name != "reasons"]
    answer = {name: getattr(kept, name) for name in names} | {"reasons": kept.outlier_reasons}
    return JsonResponse(answer, status=201 if is_new else 200)

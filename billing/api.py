"""Checkouts and plans for the product, over HTTP. Shapes and refusals: docs/api.md."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Path, Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from accounts.api import ApiKeyAuth
from billing import actions
from billing.models import Checkout, Plan
from billing.settling.telling import customer_plan
from billing.states import CheckoutState, ProviderName
from opsportal.api_schema import MOST_AMOUNT, Body, Currency, Email, Line, conditional, problems
from opsportal.errors import NotFound

router = Router(tags=["billing"], auth=ApiKeyAuth("billing"))
MOST_PLANS = 200

# What can stand in an address as it is.
PLAIN = r"^[\x21-\x2e\x30-\x7e]+$"
CheckoutId = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN)]
PathCheckoutId = Annotated[str, Path(min_length=1, max_length=100, pattern=PLAIN)]
CustomerKey = Annotated[Line, StringConstraints(max_length=100)]
PathCustomerKey = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
PlanKey = Annotated[str, StringConstraints(max_length=60, pattern=r"^[a-z0-9_-]*$")]
SessionId = Annotated[Line, StringConstraints(max_length=200)]
Due = Annotated[int, Field(strict=True, ge=0, le=MOST_AMOUNT, description="Minor units: 2990 is R$ 29,90.")]


class NewCheckout(Body):
    """`session_id`: a Stripe Checkout session's, or a Mercado Pago preference's. Give the provider `checkout_id` as client_reference_id, or
    as external_reference: by it the money is found."""

    checkout_id: CheckoutId
    provider: ProviderName
    amount: Due
    currency: Currency
    plan: PlanKey = ""
    customer_key: CustomerKey = ""
    email: Email | None = None
    session_id: SessionId = ""
    created_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None


class CheckoutLink(Body):
    """What was not known when the checkout began; what is left out stays."""

    customer_key: CustomerKey = ""
    email: Email | None = None
    session_id: SessionId = ""


class CheckoutOut(Schema):
    checkout_id: str
    provider: ProviderName
    session_id: str
    customer_key: str
    email: str
    plan: str | None
    amount: int
    currency: str
    state: CheckoutState
    created_at: datetime
    expires_at: datetime | None
    linked_at: datetime | None
    paid_at: datetime | None


class CustomerPlanOut(Schema):
    """`plan` null: the customer has none now. `valid_until` null: without an end. `version` rises with what the product is told."""

    plan: str | None
    valid_until: datetime | None
    version: int
    granted_at: datetime | None


class PlanOut(Schema):
    """`days`: how long one payment lasts, where no subscription's invoice says."""

    key: str
    name: str
    amount: int
    currency: str
    days: int
    rank: int


class PlansOut(Schema):
    plans: list[PlanOut]


@router.post(
    "/checkouts", response={201: CheckoutOut, 200: CheckoutOut, **problems(400, 401, 403, 404, 409, 413, 422, 503)}, url_name="billing_api_checkouts",
    summary="Record a checkout",
)  # fmt: skip
def add_checkout(request: HttpRequest, body: NewCheckout) -> HttpResponse:
    """201; 200 and the checkout as it stands when this was said before · 404 plan_unknown · 409 checkout_mismatch: the id came with another
    checkout, session_taken. Money that came for it earlier is settled at once."""
    client = request.api_client  # type: ignore[attr-defined]
    said = body.model_dump() | {"provider": str(body.provider), "email": body.email or ""}
    kept, is_new = actions.record_checkout(actor=client.actor, checkout=actions.NewCheckout(**said), client_id=client.id)
    return JsonResponse(shape(kept), status=201 if is_new else 200)


@router.patch(
    "/checkouts/{checkout_id}", response={200: CheckoutOut, **problems(400, 401, 403, 404, 409, 413, 422, 503)}, url_name="billing_api_checkout",
    summary="Say whose a checkout is",
)  # fmt: skip
def link(request: HttpRequest, checkout_id: PathCheckoutId, body: CheckoutLink) -> HttpResponse:
    """200, also when it is known · 404 checkout_unknown · 409 customer_differs, session_differs, session_taken. A payment that waited for its
    customer gives the plan now."""
    client = request.api_client  # type: ignore[attr-defined]
    kept = actions.link_checkout(actor=client.actor, checkout_id=checkout_id, **body.model_dump() | {"email": body.email or ""})
    return JsonResponse(shape(kept))


@router.get(
    "/checkouts/{checkout_id}", response={200: CheckoutOut, 304: None, **problems(401, 403, 404, 422, 503)}, url_name="billing_api_checkout",
    summary="How a checkout stands",
)  # fmt: skip
def one_checkout(request: HttpRequest, checkout_id: PathCheckoutId) -> HttpResponse:
    """With an ETag · 404 checkout_unknown."""
    found = Checkout.objects.select_related("plan").filter(checkout_id=checkout_id).first()
    if found is None:
        raise NotFound(_("There is no such checkout."), code="checkout_unknown")
    return conditional(request, shape(found))


@router.get(
    "/customers/{customer_key}/plan", response={200: CustomerPlanOut, 304: None, **problems(401, 403, 422, 503)}, url_name="billing_api_customer_plan",
    summary="What a customer has now",
)  # fmt: skip
def plan_of_customer(request: HttpRequest, customer_key: PathCustomerKey) -> HttpResponse:
    """The plan of the highest rank, with an ETag. A customer whom nobody knows has no plan, which is no error."""
    found = customer_plan(customer_key)
    return conditional(request, {name: getattr(found, name) for name in CustomerPlanOut.model_fields})


@router.get("/plans", response={200: PlansOut, 304: None, **problems(401, 403, 503)}, url_name="billing_api_plans", summary="The plans on offer")
def plans(request: HttpRequest) -> HttpResponse:
    """The lowest rank first, with an ETag."""
    rows = Plan.objects.filter(is_offered=True).order_by("rank", "pk").values(*PlanOut.model_fields)[:MOST_PLANS]
    return conditional(request, {"plans": list(rows)})


def shape(checkout: Checkout) -> dict[str, Any]:
    names = [name for name in CheckoutOut.model_fields if name != "plan"]
    return {name: getattr(checkout, name) for name in names} | {"plan": checkout.plan.key if checkout.plan else None}

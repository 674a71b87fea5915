from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from catalog.actions.alert import MOST_COOLDOWN_HOURS, change_alert, create_alert, end_alert, pause_alert, resume_alert
from catalog.api.shapes import HOUSEHOLDS, Cursor, Id, Limit, Percent
from catalog.models import Alert
from catalog.queries.alert import ORDER
from catalog.queries.profile import get_household
from opsportal.api_schema import Amount, Body, Currency, conditional, problems
from opsportal.errors import Conflict, Invalid, NotFound
from opsportal.keyset import page_of

router = Router(auth=HOUSEHOLDS)

Hours = Annotated[int, Field(strict=True, ge=0, le=MOST_COOLDOWN_HOURS)]
StatusFilter = Annotated[Alert.Status | None, Query()]


class NewAlert(Body):
    """Either `target_price` or `drop_percent`, which counts from the best price of now."""

    household_id: UUID
    product_id: Id
    target_price: Amount | None = None
    drop_percent: Percent | None = None
    currency: Currency = "BRL"
    channel: Literal["push", "email"] = "push"
    cooldown_hours: Hours = 24


class AlertChange(Body):
    """What is left out stays."""

    target_price: Amount | None = None
    drop_percent: Percent | None = None
    channel: Literal["push", "email"] | None = None
    cooldown_hours: Hours | None = None
    status: Literal["active", "paused"] | None = None


class AlertOut(Schema):
    """It fires at or under `line`, in minor units. `crossings`: how often it did."""

    id: UUID
    household_id: UUID
    product_id: int
    target_price: int | None
    drop_percent: int | None
    line: int
    currency: str
    channel: str
    status: str
    cooldown_hours: int
    crossings: int
    fired_at: datetime | None
    created_at: datetime


class AlertsOut(Schema):
    alerts: list[AlertOut]
    next: str | None


@router.get(
    "/alerts",
    response={200: AlertsOut, 304: None, **problems(400, 401, 403, 404, 422, 503)},
    url_name="catalog_api_alerts",
    summary="A household's price alerts",
)
def alerts(request: HttpRequest, household_id: UUID, status: StatusFilter = None, cursor: Cursor = "", limit: Limit = 50) -> HttpResponse:
    """The newest first · 404 household_unknown."""
    found = Alert.objects.filter(household=get_household(household_id), **({"status": status} if status else {}))
    page = page_of(found, cursor, fields=ORDER, size=limit)
    return conditional(request, {"alerts": [_said(alert) for alert in page.rows], "next": page.older or None})


@router.post(
    "/alerts",
    response={201: AlertOut, **problems(400, 401, 403, 404, 409, 413, 422, 503)},
    url_name="catalog_api_alerts",
    summary="Make a price alert",
)
def add_alert(request: HttpRequest, body: NewAlert) -> HttpResponse:
    """404 household_unknown, product_unknown · 409 alert_exists (`alert_id` says which), household_removed, product_archived, too_many_alerts, no_price."""
    client = request.api_client  # type: ignore[attr-defined]
    made = create_alert(actor=client.actor, **body.model_dump())
    made.refresh_from_db()
    return JsonResponse(_said(made), status=201)


@router.get(
    "/alerts/{uuid:alert_id}",
    response={200: AlertOut, 304: None, **problems(401, 403, 404, 503)},
    url_name="catalog_api_alert",
    summary="One price alert",
)
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """404 alert_unknown."""
    return conditional(request, _said(_found(alert_id)))


@router.patch(
    "/alerts/{uuid:alert_id}",
    response={200: AlertOut, **problems(400, 401, 403, 404, 409, 413, 422, 503)},
    url_name="catalog_api_alert",
    summary="Change, pause or resume a price alert",
)
def patch_alert(request: HttpRequest, alert_id: UUID, body: AlertChange) -> HttpResponse:
    """A new line is a new crossing. What is like that already stays; unchanged: all of it is · 404 alert_unknown · 409 ended, unchanged, alert_exists, no_price."""
    client = request.api_client  # type: ignore[attr-defined]
    wanted = {name: value for name, value in body.model_dump().items() if value is not None}
    if not wanted:
        raise Invalid(_("Say what shall change."))
    status = wanted.pop("status", None)
    acts: list[Callable[[], Alert]] = []
    if wanted:
        acts.append(partial(change_alert, actor=client.actor, alert_id=alert_id, **wanted))
    if status is not None:
        acts.append(partial(resume_alert if status == Alert.Status.ACTIVE else pause_alert, actor=client.actor, alert_id=alert_id))
    with transaction.atomic():
        unchanged = [refused for act in acts if (refused := _unchanged(act))]
        if len(unchanged) == len(acts):
            raise unchanged[0]
    return JsonResponse(_said(_found(alert_id)))


@router.delete(
    "/alerts/{uuid:alert_id}", response={204: None, **problems(401, 403, 404, 409, 503)}, url_name="catalog_api_alert", summary="End a price alert"
)
def delete_alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """204 when it has ended now · 404 alert_unknown · 409 ended: it had before."""
    client = request.api_client  # type: ignore[attr-defined]
    end_alert(actor=client.actor, alert_id=alert_id)
    return HttpResponse(status=204)


def _unchanged(act: Callable[[], Alert]) -> Conflict | None:
    """The refusal of an act that would change nothing; every other one is raised."""
    try:
        act()
    except Conflict as refused:
        if refused.code != "unchanged":
            raise
        return refused
    return None


def _found(alert_id: UUID) -> Alert:
    found = Alert.objects.filter(pk=alert_id).first()
    if found is None:
        raise NotFound(_("There is no such price alert."), code="alert_unknown")
    return found


def _said(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in AlertOut.model_fields}

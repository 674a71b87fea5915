"""The signup gate for the product, over HTTP. Shapes and refusals: docs/api.md."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import parse_etags, quote_etag
from ninja import Header, Router, Schema
from pydantic import StringConstraints

from accounts.api import ApiKeyAuth
from beta import actions
from beta.actions.seat import Request
from beta.queries import gate_state
from beta.refusals import Refused
from opsportal.api_schema import Email, Line, problems

router = Router(tags=["beta"])

Key = Annotated[Line, StringConstraints(min_length=1, max_length=100)]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")]


class Signup(Schema):
    household_key: Key
    email: Email
    name: Annotated[Line, StringConstraints(max_length=200)] = ""
    invite_code: Annotated[Line, StringConstraints(max_length=40)] = ""


class SeatOut(Schema):
    household_id: UUID
    seat: int
    cap: int
    seats_taken: int


class StatusOut(Schema):
    open: bool
    stopped: bool
    cap: int
    seats_taken: int
    day: int | None
    version: int


@router.post(
    "/signups",
    auth=ApiKeyAuth("signups"),
    response={201: SeatOut, 200: SeatOut, **problems(400, 401, 403, 409, 413, 422, 423, 503)},
    summary="Take a seat",
)
def sign_up(request: HttpRequest, body: Signup, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """201 with the seat; 200 when the same Idempotency-Key and body took it before. Everything else means: no seat.

    423 signups_stopped · 409 cap_reached, already_seated, seat_released · 403 invite_required, invite_unknown, invite_expired,
    invite_used, invite_revoked, invites_paused, household_removed · 422 idempotency_mismatch · 503 gate_unavailable: treat it as “no”.
    """
    client = request.api_client  # type: ignore[attr-defined]
    wanted = Request(body.household_key, body.email, body.name, body.invite_code.upper(), client.id, idempotency_key)
    try:
        seat = actions.claim_seat(actor=client.actor, request=wanted)
    except Refused as refusal:
        actions.record_refusal(code=refusal.code, household_key=body.household_key, invite_code=wanted.invite_code, client_label=client.name)
        raise
    answer = {"household_id": seat.household_id, "seat": seat.seat, "cap": seat.cap, "seats_taken": seat.seats_taken}
    return JsonResponse(answer, status=201 if seat.is_new else 200)


@router.delete(
    "/signups/{uuid:household_id}", auth=ApiKeyAuth("signups"), response={204: None, **problems(401, 403, 404, 409, 503)}, summary="Give a seat back"
)
def give_back(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """204 when the seat is free again · 404 household_unknown · 409 no_seat: it had given its seat back before."""
    client = request.api_client  # type: ignore[attr-defined]
    actions.release_seat(actor=client.actor, household_id=household_id)
    return HttpResponse(status=204)


@router.get("/status", auth=ApiKeyAuth("signups"), response={200: StatusOut, 304: None, **problems(401, 403, 503)}, summary="How the gate stands")
def status(request: HttpRequest) -> HttpResponse:
    """Whether anybody can sign up now, with an ETag: send it back as If-None-Match and get 304 while nothing has changed."""
    state = gate_state()
    etag = quote_etag(f"{state.version}-{state.day or 0}-{int(state.stopped)}")
    # Compared weakly, as If-None-Match is: a proxy that compresses marks the ETag as weak.
    if etag in (known.removeprefix("W/") for known in parse_etags(request.headers.get("If-None-Match", ""))):
        response = HttpResponse(status=304)
    else:
        response = JsonResponse({name: getattr(state, name) for name in StatusOut.model_fields})
    response["ETag"], response["Cache-Control"] = etag, "no-cache"
    return response

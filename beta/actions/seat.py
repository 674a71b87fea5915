import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.actions import row_from, row_values
from audit.actors import Actor
from beta import gate
from beta.action_types import BetaAction
from beta.actions.household import give_seat_back
from beta.models import Household
from beta.queries.claim import Known, known_before
from beta.refusals import Refused
from opsportal.errors import Conflict, Invalid
from opsportal.postgres.prepared import fetch_one


@dataclass(frozen=True, slots=True)
class Request:
    """What a household, through the product, asks for. `client_id` and `idempotency_key` say which request it is."""

    household_key: str
    email: str
    name: str = ""
    invite_code: str = ""
    client_id: int | None = None
    idempotency_key: str | None = None

    @property
    def hash(self) -> str:
        parts = (self.household_key, self.email, self.name, self.invite_code)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seat:
    """The answer: whether it was taken just now (`is_new`) or the same request is answered again."""

    household_id: UUID
    seat: int
    cap: int
    seats_taken: int
    is_new: bool


def claim_seat(*, actor: Actor, request: Request) -> Seat:
    """Give the household a seat, or say why not. Everything slow is done before the gate's lock is taken.

    The same client, key and body again get the same seat, and no second audit row. Raises Refused (beta/refusals.py),
    Conflict `already_seated` | `seat_released`, Invalid `idempotency_mismatch`.
    """
    if settings.BETA_SIGNUPS_PAUSED:
        raise Refused("signups_stopped", held_by="environment")
    for last_try in (False, True):
        with gate.asked():
            known = known_before(request)
        if answer := _answer_again(known, request):
            return answer
        _refuse_early(known, request)
        try:
            return _take_seat(actor, request, known)
        except IntegrityError:
            # The same household or the same key, at the same moment: the other one is committed now, so look again.
            if last_try:
                raise
    raise AssertionError("unreachable")


def release_seat(*, actor: Actor, household_id: UUID) -> Household:
    """Give a seat back at the product's wish, whichever client took it. The household may sign up again later, with a new invite."""
    return give_seat_back(actor, household_id, "", BetaAction.RELEASE_SEAT)


def _answer_again(known: Known, request: Request) -> Seat | None:
    if known.same_request_hash is None:
        if known.is_seated:
            raise Conflict(_("This household has a seat already."), code="already_seated", household_id=str(known.household_id), seat=known.seat)
        return None
    if known.same_request_hash != request.hash:
        raise Invalid(_("This Idempotency-Key came with another body before."), code="idempotency_mismatch")
    if not known.is_seated or known.household_id is None or known.seat is None:
        raise Conflict(_("This request took a seat, which was given back since. Sign up again with a new key."), code="seat_released")
    return Seat(known.household_id, known.seat, known.cap_then or 0, known.seats_taken_then or 0, is_new=False)


def _refuse_early(known: Known, request: Request) -> None:
    """What can be said without the lock. The gate says the same again under it."""
    if known.stopped:
        raise Refused("signups_stopped", cap=known.cap, seats_taken=known.seats_taken)
    if known.removed_by_operations:
        raise Refused("household_removed")
    if request.invite_code:
        if known.invites_paused:
            raise Refused("invites_paused")
        if refusal := known.invite_refusal:
            raise Refused(refusal)
    elif known.invite_only:
        raise Refused("invite_required")
    if known.seats_taken >= known.cap:
        raise Refused("cap_reached", cap=known.cap, seats_taken=known.seats_taken)


def _take_seat(actor: Actor, request: Request, known: Known) -> Seat:
    """The invite's use, the seat and the audit row are one statement: alone it is a whole transaction, and the lock is held no round trip longer."""
    is_back = known.household_id is not None
    with gate.asked(), transaction.atomic() if is_back or gate.needs_words() else nullcontext():
        gate.be_patient()
        row = fetch_one(_STATEMENTS[is_back, known.invite_id is not None], _values(actor, request, known))
        if row is None:
            raise _changed_meanwhile(known)
    gate.was_passed()
    household_id, seat, cap, taken = row
    return Seat(household_id, seat, cap, taken, is_new=True)


def _came_by(request: Request) -> str:
    return f"Invite {request.invite_code}" if request.invite_code else ""


def _changed_meanwhile(known: Known) -> Exception:
    """Why the statement found nothing to do: somebody was quicker with the invite, or with the household."""
    state = "revoked_at IS NOT NULL, expires_at <= clock_timestamp(), uses >= max_uses"
    row = fetch_one(f"SELECT {state} FROM beta_invites WHERE id = %(invite)s", {"invite": known.invite_id})  # noqa: S608
    codes = [code for code, holds in zip(("invite_revoked", "invite_expired", "invite_used"), row or (), strict=False) if holds]
    return Refused(codes[0]) if codes else IntegrityError("the household changed meanwhile")


_USE_INVITE = """invite AS (UPDATE beta_invites SET uses = uses + 1 WHERE id = %(invite)s AND uses < max_uses AND revoked_at IS NULL
    AND (expires_at IS NULL OR expires_at > clock_timestamp()) RETURNING id AS invite_id), """
_NEW = """INSERT INTO households (household_key, email, name, source, invite_id, client_id, idempotency_key, request_hash)
    SELECT %(household_key)s, %(email)s, %(name)s, 'api', %(invite)s, %(client)s, %(idempotency_key)s, %(hash)s"""
# A household that gave its seat back signs up again: the same row, a new seat.
_AGAIN = """UPDATE households SET status = 'active', email = %(email)s, name = %(name)s, source = 'api', invite_id = %(invite)s,
    client_id = %(client)s, idempotency_key = %(idempotency_key)s, request_hash = %(hash)s, removed_at = NULL, removed_by = '', removal_reason = ''"""


def _seating(*, is_back: bool, is_invited: bool) -> str:
    invite, source = (_USE_INVITE, " FROM invite") if is_invited else ("", "")
    seat = f"{_AGAIN}{source} WHERE id = %(household_id)s AND status = 'removed'" if is_back else f"{_NEW}{source}"
    before = "'removed'::text" if is_back else "NULL::text"
    changes = f"jsonb_build_object('status', jsonb_build_array({before}, 'active'), 'seat', jsonb_build_array(NULL::int, seat.seat))"
    log = row_from("seat", entity_type="household", entity_id="seat.id::text", changes=changes)
    return f"WITH {invite}seat AS ({seat} RETURNING id, seat, cap_then, seats_taken_then), log AS ({log}) SELECT * FROM seat"  # noqa: S608


_STATEMENTS = {(is_back, is_invited): _seating(is_back=is_back, is_invited=is_invited) for is_back in (False, True) for is_invited in (False, True)}


def _values(actor: Actor, request: Request, known: Known) -> dict[str, Any]:
    label = request.name or request.household_key
    return row_values(actor=actor, action_type=BetaAction.CLAIM_SEAT, entity_label=label, reason=_came_by(request)) | {
        "household_id": known.household_id, "household_key": request.household_key, "email": request.email, "name": request.name,
        "invite": known.invite_id, "client": request.client_id, "idempotency_key": request.idempotency_key, "hash": request.hash,
    }  # fmt: skip

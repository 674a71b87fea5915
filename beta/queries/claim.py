from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from beta.refusals import GateUnavailable
from opsportal.postgres.prepared import fetch_one


class Asked(Protocol):
    @property
    def household_key(self) -> str: ...
    @property
    def invite_code(self) -> str: ...
    @property
    def client_id(self) -> int | None: ...
    @property
    def idempotency_key(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Known:
    """All that bears on a claim, read in one statement and without a lock."""

    cap: int
    seats_taken: int
    stopped: bool
    invites_paused: bool
    invite_only: bool
    household_id: UUID | None
    is_seated: bool
    removed_by_operations: bool
    seat: int | None
    cap_then: int | None
    seats_taken_then: int | None
    same_request_hash: str | None
    invite_id: int | None
    invite_refusal: str


# A household found by the request's own key comes before one found by its household_key.
_SQL = """
    SELECT p.cap, p.seats_taken, p.stopped_at IS NOT NULL OR cardinality(p.env_stops) > 0, p.invites_paused_at IS NOT NULL, p.invite_only,
           h.id, coalesce(h.status = 'active', false), coalesce(h.status = 'removed' AND h.removal_reason <> '', false),
           h.seat, h.cap_then, h.seats_taken_then,
           CASE WHEN h.client_id = %(client)s AND h.idempotency_key = %(key)s THEN h.request_hash END,
           i.id, CASE WHEN i.id IS NULL THEN 'invite_unknown' WHEN i.revoked_at IS NOT NULL THEN 'invite_revoked'
                      WHEN i.expires_at <= clock_timestamp() THEN 'invite_expired' WHEN i.uses >= i.max_uses THEN 'invite_used' ELSE '' END
    FROM beta_programs p
    LEFT JOIN households h ON h.household_key = %(household)s OR (h.client_id = %(client)s AND h.idempotency_key = %(key)s)
    LEFT JOIN beta_invites i ON i.code = %(code)s
    WHERE p.id = 1
    ORDER BY 12 NULLS LAST LIMIT 1
"""


def known_before(request: Asked) -> Known:
    """Raises GateUnavailable when there is no program (the migrations have not run)."""
    values = {"household": request.household_key, "client": request.client_id, "key": request.idempotency_key, "code": request.invite_code}
    row = fetch_one(_SQL, values)
    if row is None:
        raise GateUnavailable
    return Known(*row)

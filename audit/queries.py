"""Reading the audit log. Each filter has an index that ends in (created_at, id), the order of the pages; nothing is counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from audit.actors import ActorKind
from audit.models import AuditLog, AuditSeal
from opsportal import clock

ORDER = ("created_at", "id")
# Neither ever goes down from one seal to the next.
SEALS_ORDER = ("high", "number")
# How many different actors and kinds of things the filters offer.
OFFERED = 200


# A minute is the promise.
BEHIND_AFTER = timedelta(seconds=120)
# So many rows that wait for a seal are counted.
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """Committed rows that no seal covers yet: how many (COUNTED at most) and when the oldest of these was written."""

    rows: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ActorSeen:
    """Somebody who stands in the log, as their last row names them."""

    kind: str
    id: str
    label: str


# Whoever acts of their own will.
ACTING = (ActorKind.PERSON, ActorKind.CLIENT, ActorKind.CLI)


def recent_acts(limit: int, *, since: datetime) -> list[AuditLog]:
    """The newest rows of people, clients and the command line, `limit` of each kind, newest first: what the portal does by itself hides none."""
    parts = [filtered(actor_kind=kind, since=since).order_by("-created_at", "-id")[:limit] for kind in ACTING]
    return list(parts[0].union(*parts[1:], all=True).order_by("-created_at", "-id"))


def for_entity(entity_type: str, entity_id: object) -> QuerySet[AuditLog]:
    """What happened to one thing, newest first."""
    return filtered(entity_type=entity_type, entity_id=str(entity_id)).order_by("-created_at", "-id")


def filtered(
    *,
    action: str = "",
    actor_kind: str = "",
    actor_id: str | None = None,
    entity_type: str = "",
    entity_id: str = "",
    request_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[AuditLog]:
    """Rows that pass every filter that is given: created_at from `since` (with) to `until` (without). For keyset pages by ORDER.

    `actor_id` counts only with `actor_kind`, `entity_id` only with `entity_type`. None means any actor of the kind.
    """
    wanted = {
        "action_type": action or None, "actor_kind": actor_kind or None, "actor_id": actor_id if actor_kind else None, "entity_type": entity_type or None,
        "entity_id": entity_id or None if entity_type else None, "request_id": request_id or None, "created_at__gte": since, "created_at__lt": until,
    }  # fmt: skip
    return AuditLog.objects.filter(**{name: value for name, value in wanted.items() if value is not None})


# A walk from one value to the next in the index, as DISTINCT would read every row.
# https://wiki.postgresql.org/wiki/Loose_indexscan
_ACTORS = """
WITH RECURSIVE seen AS (
    (SELECT actor_kind, actor_id, actor_label FROM ops_audit_logs ORDER BY actor_kind, actor_id, created_at DESC, id DESC LIMIT 1)
    UNION ALL
    SELECT next.* FROM seen, LATERAL (
        SELECT actor_kind, actor_id, actor_label FROM ops_audit_logs
        WHERE (actor_kind, actor_id) > (seen.actor_kind, seen.actor_id)
        ORDER BY actor_kind, actor_id, created_at DESC, id DESC LIMIT 1) next
) SELECT * FROM seen LIMIT %s
"""
_ENTITY_TYPES = """
WITH RECURSIVE seen AS (
    (SELECT entity_type FROM ops_audit_logs WHERE entity_type > '' ORDER BY entity_type LIMIT 1)
    UNION ALL
    SELECT next.* FROM seen, LATERAL (
        SELECT entity_type FROM ops_audit_logs WHERE entity_type > seen.entity_type ORDER BY entity_type LIMIT 1) next
) SELECT * FROM seen LIMIT %s
"""


def actors() -> list[ActorSeen]:
    """Everybody who stands in the log, by kind; OFFERED at most. Anonymous ones are one: they have no id."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTORS, [OFFERED])
        found = [ActorSeen(*row) for row in cursor.fetchall()]
    return [actor for actor in found if actor.kind != ActorKind.ANONYMOUS]


def entity_types() -> list[str]:
    """Every kind of thing that stands in the log; OFFERED at most."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTITY_TYPES, [OFFERED])
        return [row[0] for row in cursor.fetchall()]


# As the sealer finds them (audit/sealing.py), on every page: so from the last seal down, one by one, to where all is settled. Of “high above what
# the last one says” the planner would expect a third of all seals, and read them all.
_WAITING = """
WITH RECURSIVE unsettled AS (
    (SELECT number, members, settled FROM ops_audit_seals ORDER BY number DESC LIMIT 1)
    UNION ALL
    SELECT s.number, s.members, u.settled FROM unsettled u JOIN ops_audit_seals s ON s.number = u.number - 1 WHERE s.high > u.settled
), known AS (SELECT COALESCE(max(settled), 0) AS settled, COALESCE(range_agg(members), '{}') AS ids FROM unsettled)
SELECT count(*), min(created_at) FROM (
    SELECT one.* FROM known, unnest(int8multirange(int8range(known.settled + 1, NULL)) - known.ids) AS span, LATERAL (
        SELECT created_at FROM ops_audit_logs WHERE id >= lower(span) AND id < COALESCE(upper(span), 9223372036854775807) ORDER BY id LIMIT %(most)s
    ) AS one LIMIT %(most)s) AS waiting
"""


def waiting(most: int = COUNTED) -> Waiting:
    """What waits for a seal, by the first `most` rows of it."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"most": most})
        return Waiting(*cursor.fetchone())


def behind_since() -> datetime | None:
    """When the first row that waits was written, where that is longer ago than sealing may take."""
    since = waiting(1).since
    return since if since and clock.now() - since > BEHIND_AFTER else None


def last_seal() -> AuditSeal | None:
    return seals().order_by("-number").first()


def seals() -> QuerySet[AuditSeal]:
    """For keyset pages by SEALS_ORDER; without what only a check reads."""
    return AuditSeal.objects.defer("fingerprints")


def seal_of(row_id: int) -> AuditSeal | None:
    """The seal that covers a row."""
    return seals().filter(members__covers=row_id).first()

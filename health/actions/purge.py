"""Events and flips are kept for a while, and no more of them than anybody reads."""

import logging
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from audit.actors import Actor
from health.models import PingEvent, PingFlip
from opsportal import clock

MOST_EVENTS = 1000
KEPT_EVENTS, KEPT_FLIPS = timedelta(days=30), timedelta(days=93)
MOST_AT_ONCE = 10_000
log = logging.getLogger(__name__)

_TOO_MANY = """
    DELETE FROM ping_events WHERE id IN (
        SELECT e.id FROM pings p CROSS JOIN LATERAL (
            SELECT id FROM ping_events WHERE ping_id = p.id ORDER BY created_at DESC, id DESC OFFSET %(keep)s
        ) e WHERE %(ping)s::bigint IS NULL OR p.id = %(ping)s LIMIT %(most)s)
"""


def purge_ping_events(*, actor: Actor, most: int = MOST_AT_ONCE) -> int:
    """Remove events older than 30 days or beyond a ping's last 1000, and flips older than 93 days; `most` of each at once.

    For the sweep. Returns how many rows went; as many as `most` means that there may be more. Housekeeping: no audit row.
    """
    now = clock.now()
    with transaction.atomic():
        gone = _drop_before(PingEvent.objects.filter(created_at__lt=now - KEPT_EVENTS), most)
        gone += _drop_before(PingFlip.objects.filter(at__lt=now - KEPT_FLIPS), most)
        gone += drop_old_events(None, keep=MOST_EVENTS, most=most)
    if gone:
        log.info("removed %s old events of pings", gone, extra={"actor": actor.label})
    return gone


def drop_old_events(ping_id: int | None, *, keep: int, most: int = MOST_AT_ONCE) -> int:
    """All but the last `keep` events, of one ping or (None) of each. Returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(_TOO_MANY, {"keep": keep, "ping": ping_id, "most": most})
        return int(cursor.rowcount)


def _drop_before(rows: QuerySet[Any], most: int) -> int:
    ids = list(rows.values_list("pk", flat=True)[:most])
    return rows.filter(pk__in=ids).delete()[0] if ids else 0

"""Keeping an event: one statement, before its answer."""

import json
from typing import Any

from billing.report import Delivery, Verified
from opsportal.postgres.prepared import fetch_one

# Everything else of a new event is the database's default. A second delivery waits for the first one's commit and then does nothing.
_KEEP = """
    INSERT INTO webhook_events
        (provider, event_id, event_type, object_id, provider_created_at, body, headers, query, live_mode, is_signed, signed_by, note)
    VALUES (%(provider)s, %(event_id)s, %(event_type)s, %(object_id)s, %(created_at)s, %(body)s, %(headers)s::jsonb, %(query)s, %(live_mode)s,
            %(is_signed)s, %(signed_by)s, %(note)s)
    ON CONFLICT (provider, event_id) DO NOTHING RETURNING id
"""


def keep(provider: str, delivery: Delivery, verified: Verified, *, query: str) -> int | None:
    """Returns the new event's number, or None for one that is here already. Raises Django's database errors."""
    values: dict[str, Any] = {
        "provider": provider, "event_id": verified.event_id, "event_type": verified.event_type, "object_id": verified.object_id,
        "created_at": verified.created_at, "body": delivery.raw, "headers": json.dumps(dict(delivery.headers)), "query": query,
        "live_mode": verified.live_mode, "is_signed": verified.is_signed, "signed_by": verified.signed_by, "note": verified.note[:300],
    }  # fmt: skip
    row = fetch_one(_KEEP, values)
    return int(row[0]) if row else None

"""What in the catalog waits for a person, in one query: counts stop at MOST."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.queries.override import begin_of_today
from opsportal import clock

MOST = 100
# A day with more manual fixes than that is a red flag many times over.
MOST_OVERRIDES = 1000
# Of the risky offers, so many that changed last.
LOOKED_AT = 1000

# An override drifts when the store says neither what it said when the override was made, nor what the override says.
_ATTENTION = """
    SELECT
        (SELECT count(*) FROM (SELECT FROM offers WHERE held_at IS NOT NULL AND status = 'active' LIMIT %(most)s) h),
        (SELECT held_at FROM offers WHERE held_at IS NOT NULL AND status = 'active' ORDER BY held_at LIMIT 1),
        (SELECT count(*) FROM (SELECT FROM offer_overrides WHERE created_at >= %(today)s LIMIT %(most_overrides)s) t),
        (SELECT count(*) FROM (
            SELECT FROM (
                SELECT product_id FROM offers WHERE bucket = 'risky' AND status = 'active' ORDER BY updated_at DESC, id DESC LIMIT %(looked_at)s) o
            WHERE EXISTS (SELECT FROM price_alerts a WHERE a.product_id = o.product_id AND a.status = 'active') LIMIT %(most)s) r),
        (SELECT count(*) FROM (
            SELECT FROM offer_overrides v JOIN offers o ON o.id = v.offer_id
            WHERE v.ended_at IS NULL AND (v.expires_at IS NULL OR v.expires_at > %(now)s)
                AND CASE v.field
                    WHEN 'price' THEN v.amount IS DISTINCT FROM o.price AND v.tracked_amount IS DISTINCT FROM o.price
                    WHEN 'list_price' THEN v.amount IS DISTINCT FROM o.list_price AND v.tracked_amount IS DISTINCT FROM o.list_price
                    ELSE v.availability <> o.availability AND v.tracked_availability <> o.availability END
            LIMIT %(most)s) d),
        (SELECT count(*) FROM (SELECT FROM offer_overrides WHERE ended_at IS NULL AND expires_at BETWEEN %(now)s AND %(soon)s LIMIT %(most)s) e),
        (SELECT min(expires_at) FROM offer_overrides WHERE ended_at IS NULL AND expires_at BETWEEN %(now)s AND %(soon)s)
"""


@dataclass(frozen=True, slots=True)
class Attention:
    """`held`: prices that wait for a decision, `held_since` the first of them; `risky_watched`: risky offers for which price alerts wait;
    `expiring`: overrides that end until the given moment, the first at `expires_first`."""

    held: int
    held_since: datetime | None
    overrides_today: int
    risky_watched: int
    drifted: int
    expiring: int
    expires_first: datetime | None


def attention(until: datetime) -> Attention:
    """One query."""
    values: dict[str, Any] = {
        "most": MOST,
        "most_overrides": MOST_OVERRIDES,
        "today": begin_of_today(),
        "now": clock.now(),
        "soon": until,
        "looked_at": LOOKED_AT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ATTENTION, values)
        return Attention(*cursor.fetchone())

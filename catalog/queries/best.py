"""The best offer that an alert may speak of: the shown price, in stock, fresh, of an active store, in the alert's currency, never risky.

The bucket “unknown” is allowed: a target price is the household's own, whatever the price was before, and with the risk job off
nobody would ever hear of anything. The message names the bucket.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.models import Alert


@dataclass(frozen=True, slots=True)
class Best:
    """The cheapest offer of a product that may stand in a feed. `price` in minor units."""

    offer_id: int
    price: int
    currency: str
    store: str
    title: str
    bucket: str
    url: str


_COLUMNS = "f.offer_id, f.price, f.currency, f.store, f.title, f.bucket, o.url"
# The stores that a household excludes are excluded here too.
_OF_ALERTS = f"""
    SELECT DISTINCT ON (a.id) a.id, {_COLUMNS}
    FROM price_alerts a
    LEFT JOIN household_profiles w ON w.household_id = a.household_id
    JOIN feed_offers f ON f.product_id = a.product_id AND f.currency = a.currency
    JOIN offers o ON o.id = f.offer_id
    WHERE a.id = ANY(%(alerts)s) AND f.product_id = ANY(%(products)s) AND f.stopped_at IS NULL AND (w.excluded_stores IS NULL OR f.store_id <> ALL (w.excluded_stores))
    ORDER BY a.id, f.price, f.offer_id
"""  # noqa: S608
_OF_PRODUCT = f"""
    SELECT {_COLUMNS}
    FROM feed_offers f JOIN offers o ON o.id = f.offer_id
    WHERE f.product_id = %s AND f.currency = %s AND f.stopped_at IS NULL
      AND f.store_id <> ALL (COALESCE((SELECT excluded_stores FROM household_profiles WHERE household_id = %s), '{{}}'))
    ORDER BY f.price, f.offer_id LIMIT 1
"""  # noqa: S608


def best_for_alerts(alerts: Sequence[Alert]) -> dict[UUID, Best]:
    """By alert, in one query; one whose product has no such offer now is left out."""
    # The products are said beside the alerts, so that their offers are found by index and not all of them are read.
    values: dict[str, Any] = {"alerts": [alert.pk for alert in alerts], "products": list({alert.product_id for alert in alerts})}
    with connection.cursor() as cursor:
        cursor.execute(_OF_ALERTS, values)
        return {row[0]: Best(*row[1:]) for row in cursor.fetchall()}


def best_for(household_id: UUID, product_id: int, currency: str) -> Best | None:
    """What an alert of the household on the product would speak of now."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_PRODUCT, [product_id, currency, household_id])
        row = cursor.fetchone()
    return Best(*row) if row else None

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from catalog.models import Store

ORDER = ("created_at", "id")
OFFERED = 300
# Offers of one store that are counted.
MOST = 1000

_HEALTH = """
SELECT s.id,
       (SELECT count(*) FROM (SELECT 1 FROM offers WHERE store_id = s.id AND status = 'active' LIMIT %(most)s) o),
       (SELECT count(*) FROM (SELECT 1 FROM offers WHERE store_id = s.id AND status = 'active' AND failures > 0 LIMIT %(most)s) f),
       (SELECT max(confirmed_at) FROM offers WHERE store_id = s.id AND status = 'active')
FROM stores s WHERE s.id = ANY(%(stores)s)
"""


@dataclass(frozen=True, slots=True)
class Health:
    """How a store's active offers stand: how many, and how many of them failed at the last look (MOST at most each)."""

    store: Store
    offers: int
    failing: int
    confirmed_at: datetime | None

    @property
    def tone(self) -> str:
        """off: nobody asks; unknown: there is nothing to ask for, or no answer yet; else by the share that fails."""
        if not self.store.is_active:
            return "off"
        if not self.offers or (self.confirmed_at is None and not self.failing):
            return "unknown"
        return "fail" if self.failing * 2 > self.offers else "warn" if self.failing else "ok"


def health_of(stores: Sequence[Store]) -> list[Health]:
    """One query for any number of stores, in their order; it reads MOST offers of each at most."""
    known = {store.pk: store for store in stores}
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH, {"most": MOST, "stores": list(known)})
        found = {row[0]: Health(known[row[0]], *row[1:]) for row in cursor.fetchall()}
    return [found[pk] for pk in known if pk in found]


def choices(held: Iterable[object] = ()) -> list[tuple[int, str]]:
    """(id, name) by name; OFFERED at most, and those that are `held` already: a form that left them out would take them away."""
    stores = Store.objects.order_by("name", "pk").values_list("pk", "name")
    found = list(stores[:OFFERED])
    known = {str(pk) for pk, _name in found}
    missing = {text for text in map(str, held) if text.isascii() and text.isdigit() and len(text) < 19} - known
    return [*found, *stores.filter(pk__in=missing)] if missing else found

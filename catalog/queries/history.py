"""What an offer cost, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from catalog.models import Offer, Price

# Of more than these, a chart shows the newest.
MOST_POINTS = 5_000


@dataclass(frozen=True, slots=True)
class History:
    """Rows in the offer's currency, oldest first; the first may lie before the time asked for: it is what held when that began. `is_cut`: there were more."""

    rows: Sequence[Price]
    is_cut: bool


def prices_of(offer: Offer) -> QuerySet[Price]:
    return Price.objects.filter(offer=offer)


def history_since(offer: Offer, since: datetime) -> History:
    # Prices in another currency are another story: 100 USD is no price of 100 BRL.
    rows_of = prices_of(offer).filter(currency=offer.currency)
    newest = list(rows_of.filter(at__gt=since).order_by("-at", "-id")[: MOST_POINTS + 1])
    is_cut, rows = len(newest) > MOST_POINTS, newest[:MOST_POINTS]
    if not is_cut:
        rows += rows_of.filter(at__lte=since, held=False).order_by("-at", "-id")[:1]
    rows.reverse()
    return History(rows, is_cut)

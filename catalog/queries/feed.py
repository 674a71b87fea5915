"""What households see. The filters stand in SQL, once (catalog/migrations/0004_feed.py); here they are asked and put into words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beta.models import Household
from catalog.models import Bucket

# Fewer items than this are a poor feed.
ENOUGH = 5
# Counting stops here: a feed of 20 and one of 2,000 are both full.
MOST_COUNTED = 20
# As in the view feed_offers: a price that neither the store nor an override has confirmed for so long is not shown.
FRESH = timedelta(hours=72)
# Of the red flag of the morning review: so many per cent of the households may have a poor feed.
MOST_POOR_PERCENT = 20

Text = str | Promise

# In the order in which they are asked; the keys are feed_offers' and fn_feed_checks' `stopped_at`.
FILTERS: dict[str, Text] = {
    "archived": _("the offer, its product and its store are active"),
    "no_price": _("a price is known"),
    "not_in_stock": _("it is in stock"),
    "stale": _("its price was confirmed in the last 72 hours, or is overridden"),
    "risky": _("it is not risky"),
    "category": _("it is in the household's categories"),
    "store": _("the household does not exclude its store"),
    "currency": _("it is in the household's currency"),
    "max_price": _("it costs no more than the household's highest price"),
    "min_saving": _("it saves at least what the household asks for, against the 90-day median"),
    "bought": _("the household has not bought the product"),
}
OF_THE_CATALOG = ("archived", "no_price", "not_in_stock", "stale", "risky")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of a feed: the best offer of a product. Prices in minor units; `saving_percent` against the 90-day median."""

    offer_id: int
    product_id: int
    store: str
    title: str
    price: int
    list_price: int | None
    currency: str
    bucket: str
    saving_percent: int | None
    rank: int

    @property
    def bucket_word(self) -> str:
        return str(Bucket(self.bucket).label)


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How full the feeds of all active households are. `spread` is [(from, to, households)] items; the last has no end.

    `empty_ids` are the households that see nothing, `few_ids` those that see something, and fewer items than ENOUGH: the fewest first.
    """

    households: int
    poor: int
    empty: int
    spread: tuple[tuple[int, int | None, int], ...]
    empty_ids: tuple[UUID, ...]
    few_ids: tuple[UUID, ...] = ()

    @property
    def poor_percent(self) -> float | None:
        """Households with fewer than ENOUGH items, empty ones included, in per cent; None without households."""
        return round(self.poor * 100 / self.households, 1) if self.households else None

    @property
    def tone(self) -> str:
        """ok, warn, fail; unknown without households."""
        if self.poor_percent is None:
            return "unknown"
        return "fail" if self.poor_percent > MOST_POOR_PERCENT else "warn" if self.empty else "ok"


_SPREAD = ((0, 0), (1, 4), (5, 9), (10, 19), (MOST_COUNTED, None))
_COUNTS = f"SELECT items, count(*), CASE WHEN items < {ENOUGH} THEN array_agg(household_id) END FROM fn_feed_counts(%s) GROUP BY items"  # noqa: S608


def feed_health() -> FeedHealth:
    """The figures over all active households, now: one statement, whatever their number."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [MOST_COUNTED])
        rows = cursor.fetchall()
    counts = {items: households for items, households, _ids in rows}
    poor_ids = {items: tuple(ids) for items, _households, ids in sorted(rows) if ids}
    empty_ids = poor_ids.pop(0, ())
    spread = tuple(
        (first, last, sum(count for items, count in counts.items() if first <= items <= (MOST_COUNTED if last is None else last)))
        for first, last in _SPREAD
    )
    poor = sum(count for items, count in counts.items() if items < ENOUGH)
    return FeedHealth(sum(counts.values()), poor, counts.get(0, 0), spread, empty_ids, tuple(chain.from_iterable(poor_ids.values())))


def households_of(ids: Sequence[UUID]) -> QuerySet[Household]:
    """These households, to be shown as a keyset page, however many they are."""
    return Household.objects.filter(pk__in=RawSQL("SELECT unnest(%s::uuid[])", [list(ids)])).select_related("profile")


def candidates(household_id: UUID, limit: int = 50) -> list[Candidate]:
    """The household's feed, best first; empty for one that is removed or unknown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM fn_get_feed_candidates(%s, %s)", [household_id, limit])
        return [Candidate(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Step:
    """A filter: how many offers and products are left after it, and how many offers it stopped."""

    code: str
    words: Text
    stopped: int
    offers: int
    products: int

    @property
    def is_of_the_catalog(self) -> bool:
        """Whether it is the same for every household."""
        return self.code in OF_THE_CATALOG


@dataclass(frozen=True, slots=True)
class Funnel:
    """From all offers to the feed of one household."""

    offers: int
    products: int
    steps: tuple[Step, ...]

    @property
    def items(self) -> int:
        """What is left at the end: a product has one row in the feed."""
        return self.steps[-1].products

    @property
    def worst(self) -> Step:
        """The step that took the largest share of what it was given."""
        given = [self.offers, *(step.offers for step in self.steps)]
        return max(zip(self.steps, given, strict=False), key=lambda pair: pair[0].stopped / max(pair[1], 1))[0]


_FUNNEL = """
    WITH checked AS MATERIALIZED (
        SELECT product_id, COALESCE(array_position(%(filters)s, stopped_at), %(passed)s) AS stage FROM fn_feed_checks(%(household)s))
    SELECT 'offers', stage, count(*) FROM checked GROUP BY stage
    UNION ALL
    SELECT 'products', stage, count(*) FROM (SELECT max(stage) AS stage FROM checked GROUP BY product_id) AS furthest GROUP BY stage
"""


def funnel(household_id: UUID) -> Funnel:
    """How many offers and products each filter leaves. Nothing at all for a household that is removed."""
    filters = list(FILTERS)
    counted: dict[str, dict[int, int]] = {"offers": {}, "products": {}}
    with connection.cursor() as cursor:
        cursor.execute(_FUNNEL, {"household": household_id, "filters": filters, "passed": len(filters) + 1})
        for what, stage, count in cursor.fetchall():
            counted[what][stage] = count

    def left(what: str, after: int) -> int:
        return sum(count for stage, count in counted[what].items() if stage > after)

    steps = tuple(
        Step(code, FILTERS[code], counted["offers"].get(place, 0), left("offers", place), left("products", place))
        for place, code in enumerate(filters, 1)
    )
    return Funnel(left("offers", 0), left("products", 0), steps)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category: its active offers, and how many of them may stand in a feed now."""

    category: str
    active: int
    shown: int


_SHELVES = """
    SELECT category, count(*) FILTER (WHERE stopped_at IS DISTINCT FROM 'archived'), count(*) FILTER (WHERE stopped_at IS NULL)
    FROM feed_offers WHERE category = ANY(%s) GROUP BY category
"""


def shelves(categories: Sequence[str]) -> list[Shelf]:
    """Each of the categories, also one without any offer, the emptiest first."""
    with connection.cursor() as cursor:
        cursor.execute(_SHELVES, [list(categories)])
        found: dict[str, tuple[Any, ...]] = {row[0]: row[1:] for row in cursor.fetchall()}
    return sorted((Shelf(name, *found.get(name, (0, 0))) for name in categories), key=lambda shelf: (shelf.shown, shelf.category))

"""The figures of the feed page, over all households at once, against 2 s and against asking for each household's feed."""

import statistics
import time
from collections.abc import Iterator

from bench._database import Database
from bench.catalog import seed

HOUSEHOLDS, OFFERS, LIMIT = 10_000, 50_000, 2.0
ROUNDS, ASKED = 5, 20
AGAINST_EACH = 10

# Nearly every household wishes something else: two categories of twenty, a price, a saving, now and then a store it doesn't want.
_WISHES = """
    INSERT INTO household_profiles (household_id, categories, excluded_stores, max_price, currency, min_saving)
    SELECT id, ARRAY['category-' || n % 20, 'category-' || n * 7 % 20], CASE WHEN n % 5 = 0 THEN ARRAY[(SELECT min(id) FROM stores) + n % 10] ELSE '{}' END,
           CASE WHEN n % 3 = 0 THEN NULL ELSE 5000 + n * 13 % 20000 END, 'BRL', CASE WHEN n % 4 = 0 THEN 1 + n % 60 END
    FROM (SELECT id, row_number() OVER () AS n FROM households) numbered
"""


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    """As large in a hurry: the limit is for this size."""
    seed.stores(database)
    seed.offers(database, 1, OFFERS)
    database.sql.execute("UPDATE offers SET median_90 = price * (90 + id % 60) / 100")
    database.sql.execute("UPDATE beta_programs SET cap = 1000000, invite_only = false")
    database.sql.execute(
        "INSERT INTO households (household_key, email) SELECT 'h' || n, 'h' || n || '@example.com' FROM generate_series(1, %s) n", [HOUSEHOLDS]
    )
    database.sql.execute(_WISHES)
    database.sql.execute("VACUUM ANALYZE")
    whole = [_figures() for _ in range(2 if quick else ROUNDS)]
    each = _one_by_one() * HOUSEHOLDS
    seconds = statistics.median(whole)
    yield seconds < LIMIT, f"feed: {seconds / LIMIT:.2f} × {LIMIT:g} s for {HOUSEHOLDS:,} households and {OFFERS:,} offers, bar 1"
    yield each / seconds >= AGAINST_EACH, f"feed: {each / seconds:,.0f} × faster than each household's feed (by {ASKED} of them), bar {AGAINST_EACH}"


def _figures() -> float:
    from catalog.queries.feed import feed_health

    began = time.perf_counter()
    health = feed_health()
    if health.households != HOUSEHOLDS:
        raise SystemExit(f"The figures are of {health.households} households.")
    return time.perf_counter() - began


def _one_by_one() -> float:
    """Seconds a household."""
    from beta.models import Household
    from catalog.queries.feed import candidates

    ids = list(Household.objects.order_by("pk").values_list("pk", flat=True)[:: HOUSEHOLDS // ASKED])
    began = time.perf_counter()
    for number in ids:
        candidates(number)
    return (time.perf_counter() - began) / len(ids)

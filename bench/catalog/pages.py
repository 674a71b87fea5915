"""The list of offers as a signed-in person gets it, at a thousand and at a million offers, with each of its filters."""

import statistics
import time
from collections.abc import Iterator

from bench._database import Database
from bench.catalog import seed

FEW, MANY = 1_000, 1_000_000
GROWTH = 1.25
PAGE = "/ops/offers/"
# Each with what it asks for; the bar is on the page as it opens, and on each of these.
ASKED = {
    "all": "",
    "store": "?store=3",
    "category": "?category=category-7",
    "bucket": "?bucket=risky",
    "search": "?q=offer+4f2a",
    "short search": "?q=of",
    "stale": "?stale=1",
    "out of stock": "?out_of_stock=1",
    "overridden": "?overridden=1",
    "alerting": "?alerting=1",
    "held": "?held=1",
    "failing": "?failing=1",
    "archived": "?archived=1",
    "store, bucket, stale": "?store=3&bucket=risky&stale=1",
}


def fill(database: Database, offers: int) -> None:
    """Offers with some of each kind that the filters ask for: as many of a million as of a thousand, as on a desk that is kept."""
    seed.stores(database)
    seed.offers(database, 1, offers)
    some = f"SELECT generate_series({offers // 60}, {offers}, {offers // 60})"
    for statement in (
        f"UPDATE offers SET failures = 3, error_code = 'timeout', error = 'No answer within 10 s.' WHERE id IN ({some})",
        f"UPDATE offers SET held_price = 100, held_at = now() WHERE id IN (SELECT id + 1 FROM ({some}) one(id))",
        f"UPDATE offers SET status = 'archived' WHERE id IN (SELECT id + 2 FROM ({some}) one(id))",
        f"""INSERT INTO offer_overrides (offer_id, field, amount, tracked_amount, reason, created_by)
            SELECT id + 3, 'price', 4000, 5000, 'seen', 'bench' FROM ({some}) one(id) WHERE id + 3 <= {offers}""",
        "INSERT INTO households (household_key, email) SELECT 'h' || n, 'h' || n || '@example.com' FROM generate_series(1, 60) n",
        f"""INSERT INTO price_alerts (id, household_id, product_id, target_price, currency, channel, cooldown_hours)
            SELECT gen_random_uuid(), h.id, {offers // 300} * h.number, 100, 'BRL', 'push', 24
            FROM (SELECT id, row_number() OVER () AS number FROM households) h""",
        "VACUUM ANALYZE",
    ):
        database.sql.execute(statement)


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    few = database.copy("few")
    fill(few, FEW)
    fill(database, MANY // 10 if quick else MANY)
    rounds = 7 if quick else 21
    times: dict[str, dict[str, list[float]]] = {name: {"few": [], "many": []} for name in ASKED}
    for number in range(rounds + 1):
        for size, one in (("few", few), ("many", database)):
            with one.asked() as person:
                for name, query in ASKED.items():
                    began = time.perf_counter()
                    answer = person.get(PAGE + query)
                    spent = time.perf_counter() - began
                    assert answer.status_code == 200, answer
                    if number:
                        times[name][size].append(spent)
    for name, found in times.items():
        ratio = statistics.median(many / one for one, many in zip(found["few"], found["many"], strict=True))
        print(f"{name:<24}{statistics.median(found['few']) * 1000:>8.1f} ms {statistics.median(found['many']) * 1000:>8.1f} ms")
        yield ratio <= GROWTH, f"pages: {name}, {ratio:.2f} × the time at {FEW:,} offers, bar {GROWTH}"

"""The tracker's write of a batch, with every price changed: the dearest there is."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from bench._database import Database
from bench.catalog import seed

OFFERS, BATCH = 20_000, 100
AGAINST_LIMIT, AGAINST_ORM = 0.7, 10
Batch = Sequence[tuple[int, int]]


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    seed.stores(database)
    seed.offers(database, 1, OFFERS)
    rates: dict[Callable[[Batch], None], list[float]] = {ours: [], limit: [], orm: []}
    price = 6_000
    for number in range(5 if quick else 15):
        for way in [*rates, *rates][number % 3 :][:3]:
            price += 1
            batches = [[(offer, price) for offer in range(start, start + BATCH)] for start in range(1, 2_001 if way is not orm else 201, BATCH)]
            rates[way].append(_rate(way, batches))
        database.sql.execute("VACUUM ANALYZE offers, offer_price_history")
        database.sql.execute("CHECKPOINT")
    for way, found in rates.items():
        print(f"{way.__doc__:<60}{statistics.median(found):>10,.0f} offers a second")
    for peer, least in ((limit, AGAINST_LIMIT), (orm, AGAINST_ORM)):
        ratio = statistics.median(mine / theirs for mine, theirs in zip(rates[ours], rates[peer], strict=True))
        yield ratio >= least, f"tracker: {ratio:.2f} × {peer.__name__}, bar {least}"


def _rate(way: Callable[[Batch], None], batches: Sequence[Batch]) -> float:
    began = time.perf_counter()
    for batch in batches:
        way(batch)
    return sum(map(len, batches)) / (time.perf_counter() - began)


def ours(batch: Batch) -> None:
    """the tracker's write: judged, held, taken over, appended"""
    from django.db import transaction

    from catalog.tracking.writing import Finding, write_findings

    with transaction.atomic():
        write_findings(
            [Finding(offer, price=price, list_price=30_000, currency="BRL", availability="in_stock", etag='"a"') for offer, price in batch]
        )


def limit(batch: Batch) -> None:
    """(a) an UPDATE from unnest, and COPY into the history"""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE offers o SET price = f.price, list_price = 30000, availability = 'in_stock', checked_at = now(), confirmed_at = now(), updated_at = now() "
            "FROM unnest(%s::bigint[], %s::bigint[]) f (id, price) WHERE o.id = f.id",
            [[offer for offer, _ in batch], [price for _, price in batch]],
        )
        with cursor.copy("COPY offer_price_history (offer_id, price, list_price, currency, availability, source) FROM STDIN") as copy:
            for offer, price in batch:
                copy.write_row((offer, price, 30_000, "BRL", "in_stock", "tracker"))


def orm(batch: Batch) -> None:
    """(b) the ORM row by row"""
    from catalog.models import Offer, Price
    from opsportal import clock

    for number, price in batch:
        offer = Offer.objects.get(pk=number)
        now = clock.now()
        offer.price, offer.list_price, offer.availability = price, 30_000, "in_stock"
        offer.checked_at = offer.confirmed_at = offer.updated_at = now
        offer.save(update_fields=["price", "list_price", "availability", "checked_at", "confirmed_at", "updated_at"])
        Price.objects.create(offer=offer, price=price, list_price=30_000, currency="BRL", availability="in_stock", source="tracker")

"""The risk of many offers, as the job calculates it, against the least that has to be done: read the history, apply the pure function.

The least locks nothing, asks for no other offer and writes nothing. With 10,000 offers all of it lies in the database's memory, and what is
written besides costs as much again; with 100,000 it does not, and each offer that is written makes a new entry in every index of its table.
The bar lies under what was measured on a quiet machine (0.53 and 0.62); what the job must do within a run is a bar of its own.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence

from bench._database import Database
from bench.catalog import seed

OFFERS, BATCH, SAMPLES = 100_000, 500, 20
AGAINST_LEAST = 0.45
# What one run of the job must do within its 60 s.
A_RUN, GUARD = 20_000, 60
Numbers = Sequence[int]


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    many = OFFERS // 10 if quick else OFFERS
    seed.stores(database)
    seed.offers(database, 1, many)
    points = seed.prices(database, 1, many)
    batches = [range(start, start + BATCH) for start in range(1, many + 1, BATCH)]
    spent = sum(_seconds(ours, batch) for batch in batches)
    print(f"{many:,} offers with {points:,} prices for the first time in {spent:.1f} s: {many / spent:,.0f} offers a second")
    rates: dict[Callable[[Numbers], None], list[float]] = {ours: [], least: []}
    database.sql.execute("VACUUM ANALYZE offers")
    for number, batch in enumerate(batches[:: max(1, len(batches) // SAMPLES)]):
        # In turn, so that neither always finds the pages that the other has read.
        for way in [*rates][:: 1 if number % 2 else -1]:
            rates[way].append(BATCH / _seconds(way, batch))
    for way, found in rates.items():
        print(f"{way.__doc__:<100}{statistics.median(found):>10,.0f} offers a second")
    ratio = statistics.median(mine / theirs for mine, theirs in zip(rates[ours], rates[least], strict=True))
    yield ratio >= AGAINST_LEAST, f"risk: {ratio:.2f} × least, bar {AGAINST_LEAST}"
    in_a_run = round(statistics.median(rates[ours]) * GUARD)
    yield in_a_run >= A_RUN, f"risk: {in_a_run:,} offers in a run of {GUARD} s, bar {A_RUN:,}"


def _seconds(way: Callable[[Numbers], None], batch: Numbers) -> float:
    began = time.perf_counter()
    way(batch)
    return time.perf_counter() - began


def ours(batch: Numbers) -> None:
    """what is shown, history, other offers; score; write"""
    from django.db import transaction

    from catalog.risk.writing import calculate

    with transaction.atomic():
        calculate(batch)


def least(batch: Numbers) -> None:
    """the history alone into Python, and the pure function on it: no lock, no other offers, nothing written"""
    from itertools import groupby
    from operator import itemgetter

    from catalog.risk.facts import OfferFacts
    from catalog.risk.gathering import fetched_in_binary
    from catalog.risk.score import judge
    from opsportal import clock

    now = clock.now()
    points = fetched_in_binary(
        "SELECT offer_id, at, price, list_price, held FROM offer_price_history WHERE offer_id = ANY(%(ids)s) ORDER BY offer_id, at",
        {"ids": list(batch)},
    )
    for _offer, rows in groupby(points, itemgetter(0)):
        history = [row[1:] for row in rows]
        judge(OfferFacts(price=history[-1][1], list_price=30_000, confirmed_at=now, history=history), now)

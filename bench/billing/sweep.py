"""Looking for mismatches at a million checkouts, a thousandth of them odd: our sweep against the SELECT alone, and against the ORM row by row."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from bench._database import Database
from bench.billing import seed

CHECKOUTS, CHANGED, SAMPLE, ROUNDS = 1_000_000, 1_000, 400, 7
AGAINST_SELECT, CHANGED_AGAINST_SELECT, AGAINST_ORM = 1.3, 0.05, 100


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    from billing.sweeping import mismatches

    rounds = 3 if quick else ROUNDS
    odd = seed.month(database, CHECKOUTS)
    _take_a_batchs_time()
    found = _timed(select_alone)[1]
    yield abs(found - odd) <= 2, f"sweep: the SELECT finds {found:,} of about {odd:,} in {CHECKOUTS:,} checkouts"
    ratios: dict[str, list[float]] = {"first": [], "again": [], "changed": []}
    for number in range(rounds):
        database.sql.execute("TRUNCATE billing_findings")
        took = {"first": _timed(mismatches.look_at_everything)[0], "again": _timed(mismatches.look_at_everything)[0]}
        alone = statistics.median([_timed(select_alone)[0] for _turn in range(2)])
        _change(database, number)
        took["changed"] = _timed(mismatches.look_at_changed)[0]
        for name, seconds in took.items():
            ratios[name].append(seconds / alone)
        print(f"  SELECT {alone:.2f} s; " + ", ".join(f"{name} {seconds:.3f} s" for name, seconds in took.items()), flush=True)
    first, again, changed = (statistics.median(ratios[name]) for name in ("first", "again", "changed"))
    yield first <= AGAINST_SELECT, f"sweep of everything, opening {odd:,} findings: {first:.2f} × the SELECT, bar {AGAINST_SELECT}"
    yield again <= AGAINST_SELECT, f"sweep of everything, with the same findings again: {again:.2f} × the SELECT, bar {AGAINST_SELECT}"
    yield (
        changed <= CHANGED_AGAINST_SELECT,
        f"sweep of {CHANGED:,} changed and what is open: {changed:.3f} × the SELECT, bar {CHANGED_AGAINST_SELECT}",
    )
    ours = _timed(mismatches.look_at_everything)[0]
    orm = _timed(row_by_row)[0] * CHECKOUTS / SAMPLE
    times = orm / ours
    yield (
        times >= AGAINST_ORM,
        f"sweep: {times:,.0f} × as fast as the ORM row by row ({SAMPLE} checkouts timed, {orm:,.0f} s extrapolated), bar {AGAINST_ORM}",
    )


def _take_a_batchs_time() -> None:
    """The engine gives a job's batch its time guard; a page's statement has 15 s."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '300s'")


def _timed(way: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = way()
    return time.perf_counter() - began, answer


def _change(database: Database, number: int) -> None:
    """A quarter of an hour's changes, spread over all of them."""
    step = CHECKOUTS // CHANGED
    database.sql.execute("UPDATE checkout_sessions SET change_seq = change_seq + 1 WHERE id %% %s = %s", [step, number])


def select_alone() -> int:
    """The statement that finds them, its rows fetched, nothing written; with the room that the sweep gives itself."""
    from django.db import connection, transaction

    from billing.sweeping.mismatches import MOST_MARKED, ROOM
    from billing.sweeping.statements import FIND_ALL

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ROOM)
        cursor.execute(FIND_ALL, {"most": MOST_MARKED, "has_product": True})
        return sum(row[0] is not None for row in cursor.fetchall())


def row_by_row() -> int:
    """The same questions as a person would write them with the ORM, checkout by checkout; findings are counted, not even written."""
    from billing.models import Checkout, Payment

    found = 0
    for checkout in Checkout.objects.select_related("plan").order_by("id")[:SAMPLE].iterator():
        payments = list(Payment.objects.filter(checkout=checkout).select_related("grant"))
        standing = [payment for payment in payments if payment.stands]
        found += checkout.state != "paid" and bool(standing)
        found += checkout.state == "paid" and not standing
        found += len(standing) > 1
        found += sum((payment.amount, payment.currency) != (checkout.amount, checkout.currency) for payment in standing)
        for payment in payments:
            grant = getattr(payment, "grant", None)
            has_plan = grant is not None and grant.ended_at is None
            found += has_plan != payment.stands
        found += checkout.events.filter(effect="none", effect_reason__in=["no_customer", "no_checkout"]).exists()
        found += checkout.callbacks.filter(confirmed_at=None).exists()
    return found

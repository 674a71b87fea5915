"""The list of offers at 20,000 rows: every filter reads an index in the list's order, or sorts a small set; no page reads the table."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from catalog.queries.effective import with_shown
from catalog.queries.offer import Wanted, find_offers
from catalog.queries.product import ORDER, find_products
from opsportal.keyset import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROWS = 20_000
FILL = (
    "INSERT INTO stores (id, key, name, currency, source, max_concurrency, delay_ms, is_active, version)"
    " OVERRIDING SYSTEM VALUE SELECT n, 'store-' || n, 'Store ' || n, 'BRL', 'page', 4, 0, true, 1 FROM generate_series(1, 7) n",
    "INSERT INTO products (id, name, category, status, updated_at) OVERRIDING SYSTEM VALUE"
    " SELECT n, 'Product ' || md5(n::text), 'category-' || CASE WHEN n % 90 = 0 THEN 3 ELSE 4 + n % 7 END, CASE WHEN n % 99 = 0 THEN 'archived' ELSE 'active' END, now() - n * interval '1 minute'"
    f" FROM generate_series(1, {ROWS} / 4) n",
    "INSERT INTO offers (product_id, store_id, url, title, currency, price, availability, status, bucket, updated_at, confirmed_at, failures, held_at, held_price)"
    " SELECT 1 + n % 5000, CASE WHEN n % 60 = 0 THEN 3 ELSE 4 + n % 4 END, 'https://shop.example/' || n, 'Offer ' || md5(n::text), 'BRL', 5000,"
    " CASE WHEN n % 300 = 0 THEN 'out_of_stock' ELSE 'in_stock' END, CASE WHEN n % 250 = 0 THEN 'archived' ELSE 'active' END,"
    " (ARRAY['safe', 'watch', 'risky', 'unknown'])[1 + n % 4], now() - n * interval '1 minute',"
    " CASE WHEN n % 301 > 0 THEN now() - n % 3000 * interval '1 minute' END, CASE WHEN n % 200 = 0 THEN 1 ELSE 0 END,"
    f" CASE WHEN n % 400 = 0 THEN now() END, CASE WHEN n % 400 = 0 THEN 1 END FROM generate_series(1, {ROWS}) n",
)


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The rows, in a transaction that is never committed."""
    with django_db_blocker.unblock():
        connection.set_autocommit(False)
        try:
            with connection.cursor() as cursor:
                # The machine may be busy with other tests.
                cursor.execute("SET LOCAL statement_timeout = 0")
                for statement in FILL:
                    cursor.execute(statement.replace("%", "%%"), [])
                cursor.execute("ANALYZE stores, products, offers")
            yield
        finally:
            connection.rollback()
            connection.set_autocommit(True)


def plan_of(run: Callable[[], Any]) -> str:
    """What PostgreSQL did for the last query that `run` sends."""
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) {sql}", params)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        run()
    return plans[-1]


def scans_of(plan: str, table: str) -> set[str]:
    """The indexes by which the table was read."""
    assert not re.findall(rf"Seq Scan on {table}\b", plan), plan
    by_index = re.findall(rf"using (\w+) on {table}\b", plan)
    return set(by_index or re.findall(r"Bitmap Index Scan on (offer_\w+)", plan))


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "all": ({}, "offer_active"),
    "store": ({"store": 3}, "offer_of_store"),
    "bucket": ({"bucket": "risky"}, "offer_of_bucket offer_active"),
    "stale": ({"flags": {"stale"}}, "offer_confirmed"),
    "stale at a store": ({"flags": {"stale"}, "store": 3}, "offer_confirmed_of_store"),
    "unconfirmed": ({"flags": {"unconfirmed"}}, "offer_unconfirmed"),
    "failing": ({"flags": {"failing"}}, "offer_failing"),
    "failing at a store": ({"flags": {"failing"}, "store": 3}, "offer_failing_of_store"),
    "held": ({"flags": {"held"}}, "offer_held"),
    "out of stock": ({"flags": {"out_of_stock"}}, "offer_out_of_stock"),
    "archived": ({"flags": {"archived"}}, "offer_archived"),
    "rare word": ({"text": "4f2a9"}, "offer_search"),
}


@pytest.mark.parametrize(("wanted", "indexes"), CASES.values(), ids=CASES)
def test_each_filter_reads_an_index(filled: None, wanted: dict[str, Any], indexes: str) -> None:
    flags = frozenset(wanted.get("flags", ()))
    offers, order = find_offers(Wanted(**{**wanted, "flags": flags}))
    plan = plan_of(lambda: page_of(with_shown(offers), "", fields=order, size=5))
    (index,) = scans_of(plan, "offers")
    assert index in indexes.split(), plan


@pytest.mark.parametrize(("store", "index"), [(None, "offer_active"), (3, "offer_of_store")])
def test_the_second_page_reads_the_index_from_where_the_first_one_ended(filled: None, store: int | None, index: str) -> None:
    offers, order = find_offers(Wanted(store=store))
    first = page_of(with_shown(offers), "", fields=order, size=5)
    plan = plan_of(lambda: page_of(with_shown(offers), first.older, fields=order, size=5))
    assert scans_of(plan, "offers") == {index}
    assert re.findall(r"Rows Removed by Filter: \d{2,}", plan) == []


def test_products_are_read_in_their_order(filled: None) -> None:
    assert scans_of(plan_of(lambda: page_of(find_products(), "", fields=ORDER, size=5)), "products") == {"product_active"}
    assert scans_of(plan_of(lambda: page_of(find_products("", "category-3"), "", fields=ORDER, size=5)), "products") == {"product_of_category"}
    assert scans_of(plan_of(lambda: page_of(find_products(flags=["archived"]), "", fields=ORDER, size=5)), "products") == {"product_archived"}

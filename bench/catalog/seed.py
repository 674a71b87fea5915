"""Many products, offers and prices at once, by SQL."""

from bench._database import Database


def stores(database: Database, many: int = 10) -> None:
    database.sql.execute(
        """INSERT INTO stores (key, name, currency, source, max_concurrency, delay_ms, is_active, version)
           SELECT 'store-' || n, 'Store ' || n, 'BRL', 'page', 8, 30, true, 1 FROM generate_series(1, %s) n""",
        [many],
    )


def offers(database: Database, first: int, last: int) -> None:
    """Numbers `first` to `last`, four offers a product, spread over ten stores and ninety days."""
    database.sql.execute(
        "INSERT INTO products (id, name, category) OVERRIDING SYSTEM VALUE "
        "SELECT n, 'Product number ' || n, 'category-' || n %% 20 FROM generate_series(%s / 4, %s / 4) n ON CONFLICT DO NOTHING",
        [first, last],
    )
    database.sql.execute(
        """INSERT INTO offers (id, product_id, store_id, url, sku, title, currency, price, list_price, availability, bucket, updated_at, checked_at, confirmed_at)
           OVERRIDING SYSTEM VALUE
           SELECT n, n / 4, (SELECT min(id) FROM stores) + n %% 10, 'https://shop-' || n %% 10 || '.example/p/' || n, 'sku-' || n, 'Offer ' || md5(n::text), 'BRL',
                  5000 + n %% 20000, 30000, CASE WHEN n %% 9 = 0 THEN 'out_of_stock' ELSE 'in_stock' END, (ARRAY['safe', 'watch', 'risky', 'unknown'])[1 + n %% 4],
                  now() - (n * 7919 %% 129600) * interval '1 minute', now() - interval '30 minutes', now() - (n * 31 %% 4000) * interval '1 minute'
           FROM generate_series(%s::bigint, %s::bigint) n""",
        [first, last],
    )
    database.sql.execute("VACUUM ANALYZE products, offers")


def prices(database: Database, first: int, last: int) -> int:
    """Twenty to ninety prices for each of the offers `first` to `last`, over ninety days. How many there are."""
    # The offers are there: whether each price has one is not asked five million times.
    database.sql.execute("SET session_replication_role = replica")
    found = database.sql.execute(
        """INSERT INTO offer_price_history (offer_id, at, price, list_price, currency, availability, source)
           SELECT n, now() - (90.0 * (many - turn) / many) * interval '1 day' - interval '1 minute', 5000 + n %% 20000 + hashint8(n * 97 + turn) %% 900,
                  CASE WHEN n %% 3 = 0 THEN 30000 END, 'BRL', 'in_stock', 'tracker'
           FROM generate_series(%s::bigint, %s::bigint) n, LATERAL (SELECT 20 + (n * 7919 %% 71)::int AS many) m, LATERAL generate_series(1, many) turn""",
        [first, last],
    ).rowcount
    database.sql.execute("RESET session_replication_role")
    database.sql.execute("VACUUM ANALYZE offer_price_history")
    return found

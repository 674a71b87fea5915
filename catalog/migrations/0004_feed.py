"""What a household's feed holds, and what keeps the rest out of it.

`feed_offers` says of every offer whether it may stand in any feed; `fn_feed_checks` says it for one household. Both name in
`stopped_at` the first filter that stops the offer, in the order in which they stand here. The feed, its explanation and the figures over all
households read these two. `fn_feed_counts` turns the same conditions around, to
count for all households at once; tests/catalog/queries/test_feed_counts.py holds it to the others. Bodies in BEGIN ATOMIC are bound to their tables when they are made, whatever
the caller's search_path is.
"""

from django.db import migrations

FORWARD = """
CREATE VIEW feed_offers AS
SELECT f.*,
       CASE WHEN NOT f.is_active THEN 'archived'
            WHEN f.price IS NULL THEN 'no_price'
            WHEN f.availability <> 'in_stock' THEN 'not_in_stock'
            WHEN NOT f.is_fresh THEN 'stale'
            WHEN f.bucket = 'risky' THEN 'risky'
       END AS stopped_at
FROM (
    SELECT s.offer_id, s.product_id, s.store_id, t.name AS store, COALESCE(NULLIF(o.title, ''), p.name) AS title, p.category,
           s.price, s.list_price, s.currency, s.availability, s.bucket, s.median_90,
           -- Whole per cent under the 90-day median, rounded down; below zero: above it; NULL: no median yet.
           CASE WHEN s.price IS NOT NULL AND s.median_90 > 0
                THEN GREATEST(-1000, FLOOR((s.median_90::float8 - s.price::float8) * 100 / s.median_90))::int END AS saving_percent,
           s.status = 'active' AND p.status = 'active' AND t.is_active AS is_active,
           COALESCE(s.confirmed_at > now() - interval '72 hours', false) OR s.is_overridden AS is_fresh
    FROM offers_shown s
    JOIN offers o ON o.id = s.offer_id
    JOIN products p ON p.id = s.product_id
    JOIN stores t ON t.id = s.store_id
) AS f;

CREATE FUNCTION fn_feed_checks(household_id uuid)
RETURNS TABLE (
    offer_id bigint, product_id bigint, store_id bigint, store text, title text, category text, price bigint, list_price bigint, currency text,
    bucket text, median_90 bigint, saving_percent int, fits_category boolean, fits_store boolean, fits_currency boolean, fits_price boolean,
    fits_saving boolean, is_unbought boolean, stopped_at text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.offer_id, c.product_id, c.store_id, c.store, c.title, c.category, c.price, c.list_price, c.currency, c.bucket, c.median_90,
           c.saving_percent, c.fits_category, c.fits_store, c.fits_currency, c.fits_price, c.fits_saving, c.is_unbought,
           COALESCE(c.stopped_at,
                    CASE WHEN NOT c.fits_category THEN 'category'
                         WHEN NOT c.fits_store THEN 'store'
                         WHEN NOT c.fits_currency THEN 'currency'
                         WHEN NOT c.fits_price THEN 'max_price'
                         WHEN NOT c.fits_saving THEN 'min_saving'
                         WHEN NOT c.is_unbought THEN 'bought'
                    END)
    FROM (
        SELECT f.*,
               CARDINALITY(w.categories) IS NOT DISTINCT FROM 0 OR w.categories IS NULL OR f.category = ANY (w.categories) AS fits_category,
               w.excluded_stores IS NULL OR f.store_id <> ALL (w.excluded_stores) AS fits_store,
               w.currency IS NULL OR f.currency = w.currency AS fits_currency,
               w.max_price IS NULL OR f.price <= w.max_price AS fits_price,
               w.min_saving IS NULL OR COALESCE(f.saving_percent >= w.min_saving, false) AS fits_saving,
               f.product_id <> ALL (COALESCE(b.products, '{}')) AS is_unbought
        FROM feed_offers f
        CROSS JOIN (SELECT h.id FROM households h WHERE h.id = fn_feed_checks.household_id AND h.status = 'active') AS h
        LEFT JOIN household_profiles w ON w.household_id = h.id
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT COALESCE(u.product_id, x.product_id)) FILTER (WHERE COALESCE(u.product_id, x.product_id) IS NOT NULL) AS products
            FROM purchases u LEFT JOIN offers x ON x.id = u.offer_id WHERE u.household_id = h.id
        ) AS b
    ) AS c;
END;

CREATE FUNCTION fn_get_feed_candidates(household_id uuid, "limit" int DEFAULT 50)
RETURNS TABLE (
    offer_id bigint, product_id bigint, store text, title text, price bigint, list_price bigint, currency text, bucket text,
    saving_percent int, rank bigint)
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT b.offer_id, b.product_id, b.store, b.title, b.price, b.list_price, b.currency, b.bucket, b.saving_percent,
           row_number() OVER (ORDER BY array_position(ARRAY['safe', 'watch', 'unknown'], b.bucket), b.saving_percent DESC NULLS LAST, b.price, b.offer_id)
    FROM (
        SELECT DISTINCT ON (c.product_id) c.* FROM fn_feed_checks(household_id) AS c WHERE c.stopped_at IS NULL
        ORDER BY c.product_id, c.price, array_position(ARRAY['safe', 'watch', 'unknown'], c.bucket), c.offer_id
    ) AS b
    ORDER BY 10
    LIMIT GREATEST("limit", 0)
$$;
COMMENT ON FUNCTION fn_get_feed_candidates(uuid, int) IS
    'The feed of a household: the best offer of each product that passes every filter, ranked by bucket, then by saving. Empty for one that is removed or unknown.';

CREATE FUNCTION fn_feed_counts(most int DEFAULT 20) RETURNS TABLE (household_id uuid, items int)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp SET work_mem = '64MB' SET jit = off SET enable_nestloop = off AS $$
    WITH eligible AS MATERIALIZED (
        SELECT f.product_id, f.store_id, dense_rank() OVER (ORDER BY f.category) AS kind, f.category, f.currency, f.price, f.saving_percent
        FROM feed_offers f WHERE f.stopped_at IS NULL
    ), kinds AS MATERIALIZED (
        SELECT DISTINCT kind, category FROM eligible
    ), wishes AS MATERIALIZED (
        SELECT h.id, dense_rank() OVER (ORDER BY w.currency, w.min_saving) AS taste, w.currency, w.min_saving, w.max_price,
               NULLIF(w.categories, '{}') AS categories, NULLIF(w.excluded_stores, '{}') AS excluded
        FROM households h LEFT JOIN household_profiles w ON w.household_id = h.id WHERE h.status = 'active'
    ), fits AS MATERIALIZED (
        -- What fits each pair of currency and least saving that occurs: there are few of them, and thousands of households share them.
        SELECT t.taste, e.kind, e.product_id, e.store_id, e.price,
               row_number() OVER (PARTITION BY t.taste, e.product_id ORDER BY e.price) = 1 AS is_lowest
        FROM (SELECT DISTINCT taste, currency, min_saving FROM wishes) AS t
        JOIN eligible e ON (t.currency IS NULL OR e.currency = t.currency) AND (t.min_saving IS NULL OR e.saving_percent >= t.min_saving)
    ), shelves AS MATERIALIZED (
        -- Sorted, so that “how many cost no more than …” is a binary search.
        SELECT taste, kind, array_agg(price ORDER BY price) AS prices, array_agg(store_id ORDER BY price) AS stores,
               array_agg(product_id ORDER BY price) AS products, array_agg(price ORDER BY price) FILTER (WHERE is_lowest) AS lowest
        FROM fits GROUP BY 1, 2
    ), wanted AS MATERIALIZED (
        SELECT w.id, w.taste, w.max_price, w.excluded, k.kind
        FROM wishes w
        CROSS JOIN LATERAL (SELECT DISTINCT u.category FROM unnest(w.categories) AS u(category)) AS c
        JOIN kinds k ON k.category = c.category
        UNION ALL
        SELECT w.id, w.taste, w.max_price, w.excluded, k.kind FROM wishes w CROSS JOIN kinds k WHERE w.categories IS NULL
    ), reach AS MATERIALIZED (
        SELECT w.id, COALESCE(width_bucket(w.max_price, s.lowest), CARDINALITY(s.lowest)) AS items
        FROM wanted w JOIN shelves s ON s.taste = w.taste AND s.kind = w.kind
    ), found AS MATERIALIZED (
        SELECT id, SUM(items) AS items FROM reach GROUP BY 1
    ), unwanted AS MATERIALIZED (
        SELECT w.id, w.kind, w.max_price, x.store_id::bigint FROM wanted w CROSS JOIN LATERAL unnest(w.excluded) AS x(store_id)
    ), hidden AS MATERIALIZED (
        SELECT u.id, COALESCE(width_bucket(u.max_price, s.prices), CARDINALITY(s.prices)) AS offers
        FROM unwanted u
        JOIN (SELECT kind, store_id, array_agg(price ORDER BY price) AS prices FROM eligible GROUP BY 1, 2) AS s
          ON s.kind = u.kind AND s.store_id = u.store_id
    ), excluded AS MATERIALIZED (
        SELECT id, SUM(offers) AS offers FROM hidden GROUP BY 1
    ), bought AS (
        SELECT u.household_id AS id, array_agg(DISTINCT COALESCE(u.product_id, o.product_id)) AS products
        FROM purchases u LEFT JOIN offers o ON o.id = u.offer_id WHERE COALESCE(u.product_id, o.product_id) IS NOT NULL GROUP BY 1
    ), bounds AS MATERIALIZED (
        -- At most: as if it excluded no store and bought nothing. At least: as if every offer of an excluded store hid a product of its own.
        SELECT w.id, f.items AS most, f.items - COALESCE(x.offers, 0) - COALESCE(CARDINALITY(b.products), 0) AS least, b.products AS bought
        FROM wishes w JOIN found f ON f.id = w.id LEFT JOIN excluded x ON x.id = w.id LEFT JOIN bought b ON b.id = w.id
    ), counted AS (
        -- One by one only where the two leave it open.
        SELECT b.id, COUNT(DISTINCT o.product_id) AS items
        FROM bounds b JOIN wanted w ON w.id = b.id JOIN shelves s ON s.taste = w.taste AND s.kind = w.kind
        CROSS JOIN LATERAL (SELECT COALESCE(width_bucket(w.max_price, s.prices), CARDINALITY(s.prices)) AS n) AS reach
        CROSS JOIN LATERAL unnest(s.stores[:reach.n], s.products[:reach.n]) AS o(store_id, product_id)
        WHERE b.least < fn_feed_counts.most AND b.least < b.most
          AND (w.excluded IS NULL OR o.store_id <> ALL (w.excluded)) AND (b.bought IS NULL OR o.product_id <> ALL (b.bought))
        GROUP BY 1
    )
    SELECT w.id,
           LEAST(fn_feed_counts.most, CASE WHEN b.least >= fn_feed_counts.most OR b.least = b.most THEN b.most ELSE COALESCE(c.items, 0) END)::int
    FROM wishes w LEFT JOIN bounds b ON b.id = w.id LEFT JOIN counted c ON c.id = w.id
$$;
COMMENT ON FUNCTION fn_feed_counts(int) IS
    'For every active household: how many rows fn_get_feed_candidates gives it, counted up to `most`. One pass over the offers, whatever the number of households.';
"""

BACKWARD = """
DROP FUNCTION fn_feed_counts(int);
DROP FUNCTION fn_get_feed_candidates(uuid, int);
DROP FUNCTION fn_feed_checks(uuid);
DROP VIEW feed_offers;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_offer_list_indexes")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

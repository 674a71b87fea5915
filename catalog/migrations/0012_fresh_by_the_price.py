"""Only an override of the price keeps a price fresh: who says that an offer is in stock has not looked at what it costs."""

from django.db import migrations

FEED_OFFERS = """
CREATE OR REPLACE VIEW feed_offers AS
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
           COALESCE(s.confirmed_at > now() - interval '72 hours', false) OR {overridden} AS is_fresh
    FROM offers_shown s
    JOIN offers o ON o.id = s.offer_id
    JOIN products p ON p.id = s.product_id
    JOIN stores t ON t.id = s.store_id
) AS f;
"""
FORWARD = FEED_OFFERS.format(
    overridden="""(s.is_overridden AND EXISTS (
               SELECT FROM offer_overrides v WHERE v.offer_id = s.offer_id AND v.field = 'price' AND v.ended_at IS NULL
                   AND (v.expires_at IS NULL OR v.expires_at > now())))"""
)
BACKWARD = FEED_OFFERS.format(overridden="s.is_overridden")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_purchase_reasons")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

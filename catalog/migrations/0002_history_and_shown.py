"""offer_price_history only grows, for every client of the database. And `offers_shown`: an offer as people see it, with the
active override over the tracked value (catalog/queries/effective.py says the same to Django)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION catalog_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'Rows can be added, never changed or removed.';
END $$;
CREATE TRIGGER price_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON offer_price_history
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_append_only();
ALTER TABLE offer_price_history ENABLE ALWAYS TRIGGER price_history_append_only;

-- Room on each page for the next reading: a look that finds nothing new touches no index.
ALTER TABLE offers SET (fillfactor = 80);

CREATE VIEW offers_shown AS
SELECT o.id AS offer_id, o.product_id, o.store_id, o.currency, o.status, o.bucket, o.median_90, o.confirmed_at,
       COALESCE(p.amount, o.price) AS price,
       CASE WHEN l.id IS NULL THEN o.list_price ELSE l.amount END AS list_price,
       COALESCE(a.availability, o.availability) AS availability,
       (p.id IS NOT NULL OR l.id IS NOT NULL OR a.id IS NOT NULL) AS is_overridden
FROM offers o
LEFT JOIN offer_overrides p ON p.offer_id = o.id AND p.field = 'price' AND p.ended_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > now())
LEFT JOIN offer_overrides l ON l.offer_id = o.id AND l.field = 'list_price' AND l.ended_at IS NULL AND (l.expires_at IS NULL OR l.expires_at > now())
LEFT JOIN offer_overrides a ON a.offer_id = o.id AND a.field = 'availability' AND a.ended_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > now());
"""

BACKWARD = """
DROP VIEW offers_shown;
DROP TRIGGER price_history_append_only ON offer_price_history;
DROP FUNCTION catalog_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

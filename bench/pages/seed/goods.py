"""Products, offers, prices, overrides, imports; households, what they are told and what they buy."""

from typing import Any

import psycopg

from bench.pages.seed.bulk import run, set_aside
from bench.pages.sizes import Sizes

_INVITES = """
    INSERT INTO beta_invites (code, batch, max_uses, uses, created_at, created_by, revoked_by)
    SELECT 'CODE-' || n, 'Friends & family', 1, 1, now() - n * interval '1 minute', 'Ana', '' FROM generate_series(1, %(households)s) n
"""
_HOUSEHOLDS = """
    INSERT INTO households (household_key, email, name, source, status, seat, seat_version, seated_at, created_at, cap_then, seats_taken_then, invite_id)
    SELECT 'hh-' || n, 'hh' || n || '@example.com', 'Household ' || n, 'api', 'active', n, n, at, at, 1000000, n, (SELECT min(id) FROM beta_invites) + n - 1
    FROM generate_series(1, %(households)s) n, LATERAL (SELECT now() - (%(households)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes' AS at) t
"""
_SEATS = "UPDATE beta_programs SET cap = 1000000, seats_taken = %(households)s, highest_seat = %(households)s, starts_on = current_date - 4"
_REFUSALS = """
    INSERT INTO beta_refusals (at, code, household_key, invite_code, client_label)
    SELECT now() - (%(messages)s - n) * interval '1 day' / %(a_day)s, (ARRAY['invite_unknown', 'invite_used', 'cap_reached'])[1 + n %% 3], 'hh-' || n, 'CODE-' || n, 'product'
    FROM generate_series(1, %(messages)s::bigint) n
"""
_STORES = """
    INSERT INTO stores (key, name, currency, source, max_concurrency, delay_ms, is_active, version)
    SELECT 'store-' || n, 'Store ' || n, 'BRL', 'page', 8, 30, true, 1 FROM generate_series(1, 10) n
"""
_PRODUCTS = """
    INSERT INTO products (id, name, brand, category, updated_at)
    OVERRIDING SYSTEM VALUE
    SELECT n, 'Product number ' || n, 'Brand ' || n %% 300, 'category-' || n %% 20, now() - (n * 7919 %% 129600) * interval '1 minute'
    FROM generate_series(0, %(offers)s / 4) n
"""
# Some held back, failing or archived: as many of a million as of a thousand, as on a desk that is kept.
_OFFERS = """
    INSERT INTO offers (id, product_id, store_id, url, sku, title, currency, price, list_price, availability, bucket, median_90, updated_at, checked_at,
        confirmed_at, held_price, held_at, failures, error_code, error, status)
    OVERRIDING SYSTEM VALUE
    SELECT n, n / 4, (SELECT min(id) FROM stores) + n %% 10, 'https://shop-' || n %% 10 || '.example/p/' || n, 'sku-' || n, 'Offer ' || md5(n::text), 'BRL',
        5000 + n %% 20000, 30000, CASE WHEN n %% 9 = 0 THEN 'out_of_stock' ELSE 'in_stock' END, (ARRAY['safe', 'watch', 'risky', 'unknown'])[1 + n %% 4],
        (5000 + n %% 20000) * (90 + n %% 60) / 100, now() - (n * 7919 %% 129600) * interval '1 minute', now() - interval '30 minutes',
        now() - (n * 31 %% 4000) * interval '1 minute', CASE WHEN step = 1 THEN 100 END, CASE WHEN step = 1 THEN now() END, CASE WHEN step = 2 THEN 3 ELSE 0 END,
        CASE WHEN step = 2 THEN 'timeout' ELSE '' END, CASE WHEN step = 2 THEN 'No answer within 10 s.' ELSE '' END,
        CASE WHEN step = 3 THEN 'archived' ELSE 'active' END
    FROM generate_series(1, %(offers)s::bigint) n, LATERAL (SELECT n %% (%(offers)s / 60) AS step) t
"""
_PRICES = """
    INSERT INTO offer_price_history (offer_id, at, price, list_price, currency, availability, source)
    SELECT n, now() - turn * interval '2 days', 5000 + n %% 20000 + turn, 30000, 'BRL', 'in_stock', 'tracker'
    FROM generate_series(1, %(offers)s::bigint) n, generate_series(1, 3) turn
"""
# Sixty are active; of every hundredth offer one has ended.
_OVERRIDES = """
    INSERT INTO offer_overrides (offer_id, field, amount, tracked_amount, reason, created_by, created_at, ended_at, ended_by, ended_because)
    SELECT n, 'price', 4000, 5000, 'Seen in the shop.', 'Bruno', at, CASE WHEN NOT held THEN at END, CASE WHEN NOT held THEN 'Bruno' ELSE '' END,
        CASE WHEN NOT held THEN 'reverted' ELSE '' END
    FROM generate_series(1, %(offers)s::bigint) n,
        LATERAL (SELECT n %% (%(offers)s / 60) = 4 AS held, now() - interval '2 days' - (%(offers)s - n) * interval '1 minute' AS at) t
    WHERE held OR n %% 100 = 5
"""
_IMPORTS = """
    INSERT INTO catalog_imports (kind, file_name, content, state, created_at, created_by, asked, rows_read, rows_total, changed, applied_at, applied_by)
    SELECT 'offers', 'prices-' || n || '.csv', '\\x00', 'applied', now() - n * interval '1 hour', 'Bruno', '{}', 100, 100, 100, now(), 'Bruno'
    FROM generate_series(1, %(messages)s / 10) n
"""
_PROFILES = """
    INSERT INTO household_profiles (household_id, categories, excluded_stores, max_price, currency, min_saving)
    SELECT id, ARRAY['category-' || seat %% 20, 'category-' || seat * 7 %% 20], '{}', 5000 + seat * 13 %% 20000, 'BRL', CASE WHEN seat %% 4 = 0 THEN seat %% 60 END
    FROM households
"""
_ALERTS = """
    INSERT INTO price_alerts (id, household_id, product_id, target_price, currency, channel, cooldown_hours, created_at, crossings, fired_at)
    SELECT md5('alert' || seat)::uuid, id, seat * 97 %% (%(offers)s / 4), 4000, 'BRL', 'push', 24, created_at, 10, now() FROM households
"""
_FIRED = """
    INSERT INTO price_alert_events (alert_id, crossing, offer_id, price, at, message_id)
    SELECT md5('alert' || 1 + n %% %(households)s)::uuid, n / %(households)s, 1 + n %% %(offers)s, 3900,
        now() - (%(messages)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes', md5('message' || n)::uuid
    FROM generate_series(1, %(messages)s::bigint) n
"""
_PURCHASES = """
    INSERT INTO purchases (id, household_id, offer_id, product_id, external_id, price, currency, declared_saving, median_90, bought_at, is_outlier, outlier_reasons)
    SELECT gen_random_uuid(), h.id, 1 + n * 31 %% %(offers)s, NULL, 'purchase-' || n, 4900, 'BRL', 500, 5400,
        now() - (%(messages)s - n) * interval '1 day' / %(a_day)s, n %% 50 = 0, CASE WHEN n %% 50 = 0 THEN ARRAY['above_price'] ELSE '{}' END
    FROM generate_series(1, %(messages)s::bigint) n JOIN households h ON h.seat = 1 + n %% %(households)s
"""


def fill(sql: psycopg.Connection[Any], sizes: Sizes) -> None:
    values = {"offers": sizes.offers, "households": sizes.households, "messages": sizes.messages}
    with set_aside(sql, "beta_invites", "households", "beta_refusals"):
        run(sql, (_INVITES, _HOUSEHOLDS, _SEATS, _REFUSALS), values)
    with set_aside(sql, "stores", "products", "offers", "offer_price_history", "offer_overrides", "catalog_imports"):
        run(sql, (_STORES, _PRODUCTS, _OFFERS, _PRICES, _OVERRIDES, _IMPORTS), values)
    with set_aside(sql, "household_profiles", "price_alerts", "price_alert_events", "purchases"):
        run(sql, (_PROFILES, _ALERTS, _FIRED, _PURCHASES), values)

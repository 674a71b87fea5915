"""Checkouts with their payments, plans, webhook events and callbacks; findings of the sweep."""

from typing import Any

import psycopg

from bench.pages.seed.bulk import run, set_aside
from bench.pages.sizes import Sizes

_PLANS = """
    INSERT INTO plans (key, name, amount, currency, days, rank, is_offered, version)
    SELECT 'plan-' || n, 'Plan ' || n, 1990 + 1000 * n, 'BRL', 30, n, true, 1 FROM generate_series(1, 3) n
"""
_CHECKOUTS = """
    INSERT INTO checkout_sessions (id, checkout_id, provider, session_id, customer_key, email, plan_id, amount, currency, state, created_at, linked_at, paid_at,
        ask_at, change_seq, checked_seq)
    OVERRIDING SYSTEM VALUE
    SELECT n, 'chk_' || n, CASE WHEN n %% 2 = 0 THEN 'stripe' ELSE 'mercadopago' END, 'cs_' || n, 'hh-' || n %% 400000, 'hh' || n %% 400000 || '@example.com',
        (SELECT min(id) FROM plans) + n %% 3, 2990, 'BRL', CASE WHEN n %% 5 = 0 THEN 'expired' WHEN n %% 300 = 1 THEN 'pending' ELSE 'paid' END,
        at, at, CASE WHEN n %% 5 <> 0 AND n %% 300 <> 1 THEN at END, NULL, 3, 3
    FROM generate_series(1, %(checkouts)s::bigint) n,
        LATERAL (SELECT now() - (%(checkouts)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes' AS at) t
"""
_PAYMENTS = """
    INSERT INTO payments (id, provider, payment_id, checkout_id, reference, amount, currency, base, state, status, created_at, paid_at, confirmed_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, provider, 'pi_' || id, id, checkout_id, amount, currency, pay, pay, 'x', created_at, paid_at, created_at
    FROM checkout_sessions c, LATERAL (SELECT CASE WHEN state = 'paid' THEN 'approved' WHEN state = 'pending' THEN 'pending' ELSE 'rejected' END AS pay) p
"""
_GRANTS = """
    INSERT INTO plan_grants (customer_key, plan_id, checkout_id, payment_id, source, starts_at, until, granted_at)
    SELECT customer_key, plan_id, id, id, 'payment', created_at, created_at + interval '30 days', created_at FROM checkout_sessions WHERE state = 'paid'
"""
_EVENTS = """
    INSERT INTO webhook_events (id, provider, event_id, event_type, object_id, source, provider_created_at, received_at, body, signed_by, answer_ms, state,
        attempts, next_at, processed_at, effect, effect_reason, effect_facts, checkout_id, payment_id)
    OVERRIDING SYSTEM VALUE
    SELECT id, provider, 'evt_' || id, CASE WHEN provider = 'stripe' THEN 'checkout.session.completed' ELSE 'payment' END, 'pi_' || id, 'webhook',
        created_at, created_at + interval '1 second', '{}', 'current', 9 + id %% 30, CASE WHEN person THEN 'person' ELSE 'done' END, 1, NULL,
        created_at + interval '2 seconds', CASE WHEN person THEN '' WHEN id %% 5 = 0 THEN 'none' ELSE 'granted' END,
        CASE WHEN id %% 5 = 0 AND NOT person THEN 'payment_rejected' ELSE '' END, '{"plan": "Plan 1", "until": "2026-12-19T10:00:00+00:00"}', id, id
    FROM checkout_sessions, LATERAL (SELECT id > %(checkouts)s - 400 AND id %% 10 = 3 AS person) t
"""
_CALLBACKS = """
    INSERT INTO plan_callbacks (customer_key, checkout_id, key, payload, created_at, confirmed_at, answer)
    SELECT customer_key, id, 'plan-' || id, '{"plan": "plan-1"}', created_at, created_at + interval '1 second', '200' FROM checkout_sessions WHERE id %% 5 = 1
"""
# A hundredth of all were found once; sixty are open.
_FINDINGS = """
    INSERT INTO billing_findings (kind, subject, checkout_id, amount, currency, facts, since, found_at, closed_at, closed_because)
    SELECT (ARRAY['paid_without_plan', 'amount_differs', 'plan_without_payment'])[1 + id %% 3], 'checkout:' || id, id, amount, currency,
        jsonb_build_object('checkout', checkout_id, 'payment', 'pi_' || id, 'plan', 'Plan 1', 'amount', 1990, 'currency', 'BRL', 'wanted', 2990), created_at, created_at,
        CASE WHEN id <= %(checkouts)s - 600 THEN created_at + interval '1 hour' END, CASE WHEN id <= %(checkouts)s - 600 THEN 'it agrees' ELSE '' END
    FROM checkout_sessions WHERE id %% 10 = 7 AND (id > %(checkouts)s - 600 OR id %% 100 = 7)
"""
_REFUSED = """
    INSERT INTO webhook_signature_failures (provider, at, reason, headers, query, body)
    SELECT 'stripe', now() - n * interval '1 minute', 'mismatch', '{}', '', '{}' FROM generate_series(1, 100) n
"""


def fill(sql: psycopg.Connection[Any], sizes: Sizes) -> None:
    tables = ("checkout_sessions", "payments", "plan_grants", "webhook_events", "plan_callbacks", "billing_findings")
    with set_aside(sql, *tables):
        statements = (_PLANS, _CHECKOUTS, _PAYMENTS, _GRANTS, _EVENTS, _CALLBACKS, _FINDINGS, _REFUSED)
        run(sql, statements, {"checkouts": sizes.checkouts})
    sql.execute("SELECT setval(pg_get_serial_sequence('checkout_sessions', 'id'), %s)", [sizes.checkouts])

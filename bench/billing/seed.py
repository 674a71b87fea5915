"""Many checkouts with their payments and plans at once, by SQL; some of them odd."""

from bench._database import Database

# Of so many checkouts one is odd: a tenth of a percent.
ODD_EVERY = 1_000

_CHECKOUTS = """
    INSERT INTO checkout_sessions (checkout_id, provider, session_id, customer_key, email, plan_id, amount, currency, state, created_at, linked_at, paid_at,
        ask_at, change_seq, checked_seq)
    SELECT 'chk_' || n, CASE WHEN n %% 2 = 0 THEN 'stripe' ELSE 'mercadopago' END, 'cs_' || n, 'hh-' || n %% 400000, 'hh' || n %% 400000 || '@example.com',
        (SELECT min(id) FROM plans), 2990, 'BRL', CASE WHEN n %% 5 = 0 THEN 'expired' WHEN n %% 3000 = 1 THEN 'pending' ELSE 'paid' END,
        at, at, CASE WHEN n %% 5 <> 0 AND n %% 3000 <> 1 THEN at END, NULL, 3, 3
    FROM generate_series(1, %(many)s) n, LATERAL (SELECT now() - (%(many)s - n) * interval '20 seconds' - interval '1 hour' AS at) t
"""
# Four of five are paid; of the expired ones every second was tried with a card that was refused.
_PAYMENTS = """
    INSERT INTO payments (provider, payment_id, checkout_id, reference, amount, currency, base, state, status, created_at, paid_at, confirmed_at)
    SELECT provider, 'pi_' || id, id, checkout_id, CASE WHEN id %% %(odd)s = 2 THEN 1990 ELSE amount END, currency, pay, pay, 'x', created_at, paid_at,
        created_at
    FROM (SELECT *, CASE WHEN c.state = 'paid' OR id %% 3000 = 1 THEN 'approved' ELSE 'rejected' END AS pay FROM checkout_sessions c) c
    WHERE id %% 10 <> 0
"""
_GRANTS = """
    INSERT INTO plan_grants (customer_key, plan_id, checkout_id, payment_id, source, starts_at, until, granted_at)
    SELECT c.customer_key, c.plan_id, c.id, p.id, 'payment', p.created_at, p.created_at + interval '30 days', p.created_at
    FROM payments p JOIN checkout_sessions c ON c.id = p.checkout_id WHERE p.state = 'approved' AND p.amount = c.amount AND NOT (c.id %% %(odd)s = 3)
"""


def month(database: Database, many: int) -> int:
    """`many` checkouts that the sweep has looked at, and what belongs to them. Returns how many of them are odd."""
    # The triggers would count each of them up, row by row.
    database.sql.execute("SET session_replication_role = replica")
    database.sql.execute(
        "INSERT INTO plans (key, name, amount, currency, days, rank, is_offered, version) VALUES ('pro', 'Pro', 2990, 'BRL', 30, 1, true, 1)"
    )
    values = {"many": many, "odd": 3 * ODD_EVERY}
    for statement in (_CHECKOUTS, _PAYMENTS, _GRANTS):
        database.sql.execute(statement, values)  # type: ignore[arg-type]
    database.sql.execute("RESET session_replication_role")
    database.sql.execute("VACUUM ANALYZE checkout_sessions, payments, plan_grants, billing_findings, webhook_events, plan_callbacks")
    return many // ODD_EVERY

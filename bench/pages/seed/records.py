"""The audit log and its seals."""

from typing import Any

import psycopg

from bench.pages.seed.bulk import run, set_aside
from bench.pages.sizes import Sizes

# Four people, two programs and the portal itself, on eight kinds of things.
_ROWS = """
    INSERT INTO ops_audit_logs (id, created_at, transaction, actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label,
        reason, changes, request_id)
    OVERRIDING SYSTEM VALUE
    SELECT n, now() - (%(rows)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes', n,
        (ARRAY['person', 'person', 'person', 'person', 'client', 'client', 'system'])[1 + n %% 7],
        (ARRAY['1', '2', '3', '4', '1', '2', 'sweep'])[1 + n %% 7],
        (ARRAY['Ana (CTO)', 'Diego (engineer)', 'Bruno (catalog)', 'Carla (support)', 'product', 'importer', 'sweep'])[1 + n %% 7],
        (%(actions)s::text[])[1 + n * 31 %% cardinality(%(actions)s::text[])],
        (ARRAY['offer', 'product', 'checkout', 'household', 'switch', 'job', 'run', 'program'])[1 + n * 13 %% 8], (n * 7919 %% 20000)::text,
        'Thing number ' || n * 7919 %% 20000, CASE WHEN n %% 3 = 0 THEN 'It was wrong since the morning.' ELSE '' END,
        '{"price": ["R$ 49,90", "R$ 39,90"]}', md5(n::text)
    FROM generate_series(1, %(rows)s::bigint) n
"""
# Their hashes are no hashes: nothing here checks them.
_SEALS = """
    INSERT INTO ops_audit_seals (number, sealed_at, sealed_by, rows, members, high, settled, awaited, fingerprints, digest, previous, head)
    SELECT n, now() - (%(seals)s - n) * interval '1 minute', 'seal-audit-log', %(each)s, int8multirange(int8range((n - 1) * %(each)s + 1, n * %(each)s + 1)),
        n * %(each)s, n * %(each)s, '{}', repeat('01234567', %(each)s)::bytea, sha256(n::text::bytea),
        CASE WHEN n > 1 THEN sha256(('head' || n - 1)::bytea) END, sha256(('head' || n)::bytea)
    FROM generate_series(1, %(seals)s::bigint) n
"""


def fill(sql: psycopg.Connection[Any], sizes: Sizes) -> None:
    from audit import registry

    each = 10 if sizes.audit < 100_000 else 50
    actions = [value for value, _label in registry.choices()]
    with set_aside(sql, "ops_audit_logs", "ops_audit_seals"):
        run(sql, (_ROWS, _SEALS), {"rows": sizes.audit, "actions": actions, "each": each, "seals": sizes.audit // each})
    sql.execute("SELECT setval(pg_get_serial_sequence('ops_audit_logs', 'id'), %s)", [sizes.audit])

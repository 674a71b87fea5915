"""What users write to support, what probes saw, the samples of the reviews' lines."""

from typing import Any

import psycopg

from bench.pages.seed.bulk import run, set_aside
from bench.pages.sizes import Sizes

# The sixty newest are open.
_SUPPORT = """
    INSERT INTO support_messages (id, idempotency_key, channel, thread, subject, body, search, kind, received_at, state, waiting_since, first_answered_at,
        answered_at, answered_by, answer, household_key)
    SELECT md5('support' || n)::uuid, 'message-' || n, 'email', '', 'My feed is empty ' || n, 'Since this morning I see nothing.', 'my feed is empty ' || n,
        (ARRAY['question', 'complaint', 'bug', 'praise'])[1 + n %% 4], at, CASE WHEN answered THEN 'answered' ELSE 'open' END, at,
        CASE WHEN answered THEN at + interval '1 hour' END, CASE WHEN answered THEN at + interval '1 hour' END, CASE WHEN answered THEN 'Carla' ELSE '' END,
        CASE WHEN answered THEN 'It is mended.' ELSE '' END, 'hh-' || 1 + n %% %(households)s
    FROM generate_series(1, %(messages)s::bigint) n, LATERAL (SELECT n <= %(messages)s - 60 AS answered,
        now() - (%(messages)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes' AS at) t
"""
# A result a minute, as far back as there are any; of the small desk's, too, the last 24 hours are full.
_PROBES = """
    INSERT INTO probes (name, description, every_minutes, time_limit, good_ms, down_after, watches_feed, created_by, paused_by, pause_reason, state, state_at,
        failures, due_at, turn, last_at, last_ok, last_ms, last_fault, last_facts)
    SELECT 'Shop ' || n, '', 1, 10, 2000, 2, n = 1, 'Diego', '', '', 'up', now(), 0, now() + interval '1 minute', 1, now(), true, 180, '', '{}'
    FROM generate_series(1, 3) n
"""
_STEPS = """
    INSERT INTO probe_steps (probe_id, position, method, url, header_names, headers, statuses, contains, json_path, json_value)
    SELECT id, 1, 'GET', 'https://shop.example.com/', '[]', '', '200', '', '', '' FROM probes
"""
_RESULTS = """
    INSERT INTO probe_results (probe_id, at, ok, is_slow, ms, first_ms, status, size, step, fault, facts, excerpt, asked_by)
    SELECT (SELECT min(id) FROM probes) + n %% 3, now() - n / 3 * interval '1 minute', true, false, 150 + n %% 90, 100, 200, 5000, 1, '', '{}', '', ''
    FROM generate_series(1, greatest(%(messages)s, 3 * 1500)::bigint) n
"""
_HOURS = """
    INSERT INTO probe_hours (probe_id, hour, count, ok, slow, p50_ms, p95_ms, max_ms)
    SELECT probe_id, date_trunc('hour', at), count(*), count(*), 0, 180, 230, 240 FROM probe_results GROUP BY 1, 2
"""
# Every quarter of an hour each line, for a day and for ninety.
_SAMPLES = """
    INSERT INTO review_samples (key, at, state, value, figure)
    SELECT key, now() - n * interval '15 minutes', 'ok', n %% 7, '{}' FROM unnest(%(keys)s::text[]) key, generate_series(1, %(samples)s) n
"""


def fill(sql: psycopg.Connection[Any], sizes: Sizes) -> None:
    from opsportal.lines import all_lines

    values = {"messages": sizes.messages, "households": sizes.households}
    with set_aside(sql, "support_messages", "probes", "probe_steps", "probe_results", "probe_hours"):
        run(sql, (_SUPPORT, _PROBES, _STEPS, _RESULTS, _HOURS), values)
    days = 1 if sizes.messages <= 1_000 else 90
    with set_aside(sql, "review_samples"):
        run(sql, (_SAMPLES,), {"keys": [line.key for line in all_lines()], "samples": 96 * days})

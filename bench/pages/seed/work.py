"""Runs, their slots, and the items that failed; messages of the outbox; calls of pings."""

from typing import Any

import psycopg

from bench.pages.seed.bulk import run, set_aside
from bench.pages.sizes import Sizes

# Every second is of two jobs that run often, the others are of each in its turn; one job has not run for long. Every fiftieth failed, but not lately.
_RUNS = """
    INSERT INTO jobs_run (id, job, state, trigger, actor_kind, actor_label, due_at, created_at, sent_at, started_at, heartbeat_at, ended_at, worker, token,
        batches, items, failed_items, cursor_before, cursor_after, ended_because, error)
    OVERRIDING SYSTEM VALUE
    SELECT n, job, CASE WHEN failed THEN 'failed' ELSE 'succeeded' END, 'schedule', 'system', 'the schedule', at, at, at, at + interval '1 second',
        at + interval '9 seconds', at + interval '9 seconds', 'worker-1', n, 7, 640, CASE WHEN n %% 90 = 0 THEN 3 ELSE 0 END, '{"after": 100}',
        '{"after": 740}', CASE WHEN failed THEN 'error' ELSE 'all_done' END,
        CASE WHEN failed THEN E'TimeoutError: no answer within 10 s\\n' || repeat('  File "/srv/portal/catalog/jobs/tracker.py", line 81\\n', 12) ELSE '' END
    FROM generate_series(1, %(runs)s::bigint) n,
        LATERAL (SELECT (%(jobs)s::text[])[1 + n / 2 %% cardinality(%(jobs)s::text[])] AS turn) each,
        LATERAL (SELECT CASE WHEN n %% 2 = 0 THEN (ARRAY['sweep', 'price-tracker'])[1 + n / 2 %% 2]
                             WHEN turn = 'verify-audit-log' AND n > %(runs)s / 2 THEN 'sweep' ELSE turn END AS job,
            n %% 50 = 0 AND n < %(runs)s - 100 AS failed,
            now() - (%(runs)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes' AS at) t
"""
# Every twentieth slot did not become a run.
_SLOTS = """
    INSERT INTO jobs_slot (job, due_at, made_at, run_id, reason)
    SELECT job, due_at, due_at, CASE WHEN id %% 20 <> 1 THEN id END,
        CASE WHEN id %% 20 <> 1 THEN '' ELSE (ARRAY['too_soon', 'switch_off', 'already_running'])[1 + id %% 3] END
    FROM jobs_run
"""
_ITEMS = """
    INSERT INTO jobs_failed_item (job, key, run_id, state, error, attempts, first_failed_at, last_failed_at, next_try_at)
    SELECT job, 'item-' || id, id, CASE WHEN id > %(runs)s - 100 THEN 'waiting' ELSE 'settled' END, 'The page does not answer.', 2, created_at, ended_at,
        CASE WHEN id > %(runs)s - 100 THEN now() + interval '1 hour' END
    FROM jobs_run WHERE id %% 4 = 0 OR id > %(runs)s - 100
"""
_BATCHES = """
    INSERT INTO jobs_run_batch (run_id, number, ended_at, seconds, items, failed_items, cursor, lines)
    SELECT id, number, started_at + number * interval '1 second', 0.9, 100, 0, '{"after": 100}', '["100 pages read"]'
    FROM jobs_run, generate_series(1, 7) number WHERE id > %(runs)s - 10000
"""
# They come from nowhere else: the newest wait, some are dead.
_DESTINATIONS = """
    INSERT INTO notify_destinations (name, channel, address, is_on)
    SELECT 'place-' || n, 'webhook', 'https://hooks.example.com/' || n, true FROM generate_series(1, 5) n
"""
_MESSAGES = """
    INSERT INTO notify_messages (id, created_at, key, channel, destination_id, address, topic, subject, body, is_secret, state, attempts, allowed, next_at,
        finished_at, error)
    SELECT md5('message' || n)::uuid, at, 'message-' || n, 'webhook', (SELECT min(id) FROM notify_destinations) + n %% 5, '',
        (ARRAY['price-alert', 'plan', 'seal', 'review'])[1 + n %% 4], '', '{"alert": "something happened", "at": "2026-11-22"}', false, state, 1, 10, at,
        CASE WHEN state <> 'waiting' THEN at + interval '2 seconds' END, CASE WHEN state = 'dead' THEN 'The receiver answered 500.' ELSE '' END
    FROM generate_series(1, %(messages)s::bigint) n,
        LATERAL (SELECT CASE WHEN n > %(messages)s - 8 THEN 'waiting' WHEN n > %(messages)s - 600 AND n %% 12 = 0 THEN 'dead' ELSE 'sent' END AS state,
            now() - (%(messages)s - n) * interval '1 day' / %(a_day)s - interval '5 minutes' AS at) t
"""
_ATTEMPTS = """
    INSERT INTO notify_attempts (message_id, number, began_at, ended_at, milliseconds, ok, status, error, answer)
    SELECT id, 1, created_at, finished_at, 120, state = 'sent', CASE WHEN state = 'sent' THEN 200 ELSE 500 END, error, 'ok' FROM notify_messages
"""
_PINGS = """
    INSERT INTO pings (uuid, name, slug, description, every, cron, time_zone, grace, created_by, paused_by, pause_reason, verdict, verdict_at, why,
        counted_from, expected_at, deadline, last_ping_at, calls, minute_calls, not_kept)
    SELECT md5('ping' || n)::uuid, 'Nightly job ' || n, 'nightly-' || n, '', interval '1 day', '', '', interval '1 hour', 'Diego', '', '', 'up', now(), '',
        now(), now() + interval '1 day', now() + interval '25 hours', now(), %(messages)s / 8, 0, 0
    FROM generate_series(1, 8) n
"""
_CALLS = """
    INSERT INTO ping_events (ping_id, created_at, kind, body, is_cut, method, user_agent, duration)
    SELECT (SELECT min(id) FROM pings) + n %% 8, now() - (%(messages)s - n) * interval '1 minute', 'success', 'all well', false, 'POST', 'curl/8', interval '3 s'
    FROM generate_series(1, %(messages)s::bigint) n
"""


def fill(sql: psycopg.Connection[Any], sizes: Sizes) -> None:
    from jobs import registry

    jobs = [job.name for job in registry.all_jobs()]
    with set_aside(sql, "jobs_run", "jobs_slot", "jobs_failed_item", "jobs_run_batch"):
        run(sql, (_RUNS, _SLOTS, _ITEMS, _BATCHES), {"runs": sizes.runs, "jobs": jobs})
    sql.execute("SELECT setval(pg_get_serial_sequence('jobs_run', 'id'), %s)", [sizes.runs])
    with set_aside(sql, "notify_destinations", "notify_messages", "notify_attempts", "pings", "ping_events"):
        run(sql, (_DESTINATIONS, _MESSAGES, _ATTEMPTS, _PINGS, _CALLS), {"messages": sizes.messages})

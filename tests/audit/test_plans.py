"""The audit log at 200,000 rows: every filter reads its own index, in order; nothing is read in full, nothing is sorted."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from audit import queries
from audit.actors import ActorKind
from audit.models import AuditLog
from opsportal import clock
from opsportal.keyset import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROWS = 200_000
FILL = """
INSERT INTO ops_audit_logs (created_at, actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label, reason, request_id)
SELECT now() - n * interval '1 second', CASE WHEN n %% 40000 = 0 THEN 'cli' ELSE 'person' END, (n %% 50)::text, 'Person ' || n %% 50,
       CASE WHEN n %% 50000 = 0 THEN 'RARE' ELSE 'COMMON_' || n %% 5 END, CASE WHEN n %% 66000 = 0 THEN 'program' ELSE 'household' END,
       (n %% 1000)::text, '', '', CASE WHEN n %% 3 = 0 THEN '' ELSE 'r' || n / 2 END
FROM generate_series(1, %s) n
"""


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """The rows, in a transaction that is never committed. The owner of the table may lift the stamp to spread them in time."""
    with django_db_blocker.unblock():
        connection.set_autocommit(False)
        try:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE ops_audit_logs DISABLE TRIGGER audit_stamp")
                # The machine may be busy with other tests.
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute(FILL, [ROWS])
                cursor.execute("ANALYZE ops_audit_logs")
            yield
        finally:
            connection.rollback()
            connection.set_autocommit(True)


def plan_of(run) -> str:
    """What PostgreSQL did for the queries that `run` sends."""
    plans: list[str] = []

    def explain(execute, sql, params, many, context):
        with connection.connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) {sql}", params)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        run()
    return "\n".join(plans)


def index_of(plan: str) -> str:
    assert re.findall(r"Seq Scan|Sort|Bitmap|Rows Removed by Filter: \d{3,}", plan) == [], plan
    (index,) = set(re.findall(r"Scan (?:Backward )?using (\w+)", plan))
    return str(index)


# Where two indexes read as few rows, PostgreSQL may take either.
CASES = {
    "all": ({}, "audit_newest"),
    "action": ({"action": "COMMON_1"}, "audit_by_action audit_newest"),
    "rare action": ({"action": "RARE"}, "audit_by_action"),
    "actor": ({"actor_kind": "person", "actor_id": "7"}, "audit_by_actor"),
    "rare kind of actor": ({"actor_kind": "cli"}, "audit_by_actor_kind"),
    "unknown actor": ({"actor_kind": "client", "actor_id": "7"}, "audit_by_actor audit_by_actor_kind"),
    "entity": ({"entity_type": "household", "entity_id": "12"}, "audit_by_entity"),
    "rare kind of entity": ({"entity_type": "program"}, "audit_by_entity_type"),
    "request": ({"request_id": "r500"}, "audit_by_request"),
}


@pytest.mark.parametrize("pages_on", [0, 1], ids=["first page", "second page"])
@pytest.mark.parametrize(("filters", "index"), CASES.values(), ids=CASES.keys())
def test_each_filter_reads_its_index_in_order(filled, filters, index, pages_on):
    rows = queries.filtered(**filters)
    cursor = page_of(rows, "", fields=queries.ORDER, size=2).older if pages_on else ""
    assert index_of(plan_of(lambda: page_of(rows, cursor, fields=queries.ORDER, size=2))) in index.split()


@pytest.mark.parametrize(
    "filters", [{}, {"action": "RARE"}, {"actor_kind": "person", "actor_id": "7"}, {"entity_type": "household", "entity_id": "12"}]
)
def test_a_time_range_reads_only_itself(filled, filters):
    newest = AuditLog.objects.order_by("-created_at").first().created_at
    oldest = AuditLog.objects.order_by("created_at").first().created_at
    middle = oldest + (newest - oldest) / 2
    rows = queries.filtered(**filters, since=middle, until=middle + (newest - oldest) / 100)
    plan = plan_of(lambda: page_of(rows, "", fields=queries.ORDER))
    index_of(plan)
    assert "created_at >= " in plan
    assert "Index Cond" in plan


def test_going_newer_reads_the_index_backwards(filled):
    rows = AuditLog.objects.all()
    second = page_of(rows, page_of(rows, "", fields=queries.ORDER, size=50).older, fields=queries.ORDER, size=50)
    third = page_of(rows, second.older, fields=queries.ORDER, size=50)
    plan = plan_of(lambda: page_of(rows, third.newer, fields=queries.ORDER, size=50))
    assert (index_of(plan), "Backward" in plan) == ("audit_newest", True)


def test_actors_and_kinds_are_found_without_reading_every_row(filled):
    plan = plan_of(lambda: (queries.actors(), queries.entity_types()))
    assert "Seq Scan on ops_audit_logs" not in plan
    assert [int(rows) for rows in re.findall(r"on ops_audit_logs[^\n]*rows=(\d+)", plan) if int(rows) > 1] == []
    assert (len(queries.actors()), queries.entity_types()) == (51, ["household", "program"])
    assert {actor.kind for actor in queries.actors()} == {ActorKind.PERSON, ActorKind.CLI}


def test_today_reads_the_newest_rows_only(filled):
    plan = plan_of(lambda: queries.recent_acts(100, since=clock.now() - timedelta(days=10_000)))
    assert re.findall(r"Seq Scan|Bitmap|Rows Removed by Filter: \d{3,}", plan) == [], plan
    assert [int(rows) for rows in re.findall(r"on ops_audit_logs[^\n]*rows=(\d+)", plan) if int(rows) > 100] == []
    assert index_of(plan_of(lambda: list(queries.for_entity("household", 12)[:20]))) == "audit_by_entity"

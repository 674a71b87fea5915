"""Sealing at 200,000 rows under 1,990 seals: what is read is what is new, by index; nothing is read in full."""

import re

import pytest
from django.db import connection

from audit import queries, sealing
from audit.models import AuditLog, AuditSeal
from audit.verifying import Report
from audit.verifying.rows import check_inserted
from opsportal.keyset import page_of
from tests.audit.test_plans import FILL, ROWS, plan_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EACH, NEW = 100, 1_000
# Each seal has lost an id between its rows, as rollbacks leave them; all are settled but the last.
SEALED = """
INSERT INTO ops_audit_seals (number, sealed_at, sealed_by, rows, members, high, settled, awaited, fingerprints, digest, previous, head)
SELECT n, now() - (3000 - n) * interval '1 minute', 'tests', %(each)s - 1,
       int8multirange(int8range(first, first + 40), int8range(first + 41, first + %(each)s)), first + %(each)s - 1, first - 1, '{}', '', sha256(''),
       CASE WHEN n > 1 THEN sha256((n - 1)::text::bytea) END, sha256(n::text::bytea)
FROM (SELECT n, %(lowest)s + (n - 1) * %(each)s::bigint AS first FROM generate_series(1, %(seals)s) n) numbered
"""


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """In a transaction that is never committed. Yields the id of the first new row."""
    with django_db_blocker.unblock():
        connection.set_autocommit(False)
        try:
            with connection.cursor() as cursor:
                # The machine may be busy with other tests.
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute(FILL, [ROWS])
                lowest = AuditLog.objects.order_by("id").values_list("pk", flat=True)[0]
                cursor.execute(SEALED, {"each": EACH, "lowest": lowest, "seals": (ROWS - NEW) // EACH})
                cursor.execute("ANALYZE ops_audit_logs, ops_audit_seals")
            yield lowest + ROWS - NEW
        finally:
            connection.rollback()
            connection.set_autocommit(True)


def read(plan: str, table: str = "ops_audit_logs") -> tuple[list[str], int]:
    """The indexes by which the table was read, and how many of its rows."""
    assert f"Seq Scan on {table}" not in plan, plan
    scans = re.findall(rf"using (\w+) on {table}[^\n]*actual rows=([\d.]+) loops=(\d+)", plan)
    return sorted({index for index, _rows, _loops in scans}), round(sum(float(rows) * int(loops) for _index, rows, loops in scans))


def settled() -> int:
    last = queries.last_seal()
    assert last is not None
    return last.settled


def test_sealing_reads_the_new_rows_only(filled):
    found = []
    plan = plan_of(lambda: found.extend(sealing._waiting(settled())))
    # The one that the last seal left out is there: it could have come late.
    assert [found[0][0], found[1][0], len(found)] == [filled - EACH + 40, filled, NEW + 1]
    assert read(plan) == (["ops_audit_logs_pkey"], NEW + 1)


@pytest.mark.parametrize("statistics", [True, False])
def test_the_first_batch_of_a_long_log_reads_no_more_than_it_seals(filled, statistics):
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT unsealed")
        cursor.execute("ALTER TABLE ops_audit_seals DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM ops_audit_seals")
        if not statistics:
            # As after a restore, or a million rows at once: the planner can't know that ids stand in order.
            cursor.execute("DELETE FROM pg_statistic WHERE starelid = 'ops_audit_logs'::regclass")
        plan = plan_of(lambda: sealing._waiting(0))
        cursor.execute("ROLLBACK TO SAVEPOINT unsealed")
    assert read(plan) == (["ops_audit_logs_pkey"], sealing.BATCH)


def test_what_waits_is_read_to_its_limit(filled):
    assert read(plan_of(queries.waiting)) == (["ops_audit_logs_pkey"], queries.COUNTED)
    assert read(plan_of(queries.behind_since)) == (["ops_audit_logs_pkey"], 1)


def test_what_waits_is_told_from_the_last_seals_only(filled):
    """Whatever their number: it stands on every page."""
    assert read(plan_of(queries.behind_since), "ops_audit_seals") == (["ops_audit_seals_pkey"], 1)


def test_settling_looks_at_the_latest_seals_only(filled):
    plan = plan_of(lambda: sealing._settled(queries.last_seal(), [], cut=False))
    assert "audit_seals_by_high" in plan or "ops_audit_seals_pkey" in plan
    assert "Seq Scan" not in plan


def test_the_seal_of_a_row_is_found_by_index(filled):
    found = []
    plan = plan_of(lambda: found.append(queries.seal_of(filled - 1)))
    assert (found[0].number, "audit_seals_seal_once" in plan, "Seq Scan" in plan) == ((ROWS - NEW) // EACH, True, False)
    assert queries.seal_of(filled) is None


def test_the_list_of_seals_is_read_in_order(filled):
    first = page_of(queries.seals(), "", fields=queries.SEALS_ORDER, size=50)
    plan = plan_of(lambda: page_of(queries.seals(), first.older, fields=queries.SEALS_ORDER, size=50))
    assert ("audit_seals_by_high" in plan, re.findall(r"Seq Scan|Sort", plan)) == (True, [])


def test_looking_for_inserted_rows_probes_what_no_seal_covers(filled):
    report = Report(first=1)
    plan = plan_of(lambda: check_inserted(None, settled(), report))
    indexes, rows = read(plan)
    # One for each id that a seal left out, which here is a row; the plan rounds.
    assert (indexes, abs(rows - 1_000) < 10, len(report.findings)) == (["ops_audit_logs_pkey"], True, 1)


def test_looking_in_a_part_of_the_chain_reads_the_seals_of_that_part(filled):
    """A check of the whole in parts is not to read all that follows with each of them."""
    before, last = queries.seals().get(number=1_000), queries.seals().get(number=1_010)
    plan = plan_of(lambda: check_inserted(before.settled, last.settled, Report(first=1_001)))
    found = re.search(r" on ops_audit_seals \(actual rows=(\d+)", plan)
    assert ("audit_seals_seal_once" in plan, "Seq Scan" in plan, found and found[1]) == (True, False, "10"), plan


def test_a_seal_costs_the_same_queries_whatever_stands_before_it(filled):
    from django.test.utils import CaptureQueriesContext

    from tests.audit.chains import SEALER, write

    counts = []
    for _ in range(2):
        write(3)
        with CaptureQueriesContext(connection) as captured:
            sealing.seal_rows(actor=SEALER)
        counts.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert (counts[0], AuditSeal.objects.order_by("-number")[0].rows) == (counts[1], 3)
    assert counts[0] <= 11

import psycopg
import pytest
from django.db import transaction

from accounts.action_types import AccountAction
from audit.actions import record
from audit.actors import Actor
from audit.models import AuditLog

INSERT = "INSERT INTO ops_audit_logs (actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label, reason, request_id) VALUES ('cli', '', '', 'X', '', '', '', '', '')"


def write_one(label: str = "tests") -> AuditLog:
    with transaction.atomic():
        return record(actor=Actor.system(label), action_type=AccountAction.SIGN_OUT)


REFUSED = {
    "update": "UPDATE ops_audit_logs SET reason = 'other'",
    "update of nothing": "UPDATE ops_audit_logs SET reason = 'other' WHERE false",
    "delete": "DELETE FROM ops_audit_logs",
    "delete of nothing": "DELETE FROM ops_audit_logs WHERE false",
    "truncate": "TRUNCATE ops_audit_logs",
    "truncate of all that hangs on it": "TRUNCATE ops_audit_logs CASCADE",
    "upsert": f"{INSERT} ON CONFLICT (id) DO UPDATE SET reason = 'other'",
    "merge, update": "MERGE INTO ops_audit_logs a USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET reason = 'other'",
    "merge, delete": "MERGE INTO ops_audit_logs a USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "delete in a query": "WITH gone AS (DELETE FROM ops_audit_logs RETURNING 1) SELECT * FROM gone",
}


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
def test_changing_a_row_is_refused_in_raw_sql(connect, role, statement):
    row = write_one()
    sql = connect(autocommit=True)
    sql.execute(f"SET session_replication_role = {role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        sql.execute(statement)
    assert list(AuditLog.objects.values_list("pk", "reason")) == [(row.pk, "")]


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_truncating_another_table_does_not_reach_the_log(connect, role):
    row = write_one()
    sql = connect()
    sql.execute("CREATE TABLE other (id bigint PRIMARY KEY)")
    sql.execute("ALTER TABLE ops_audit_logs ADD COLUMN other_id bigint REFERENCES other")
    sql.execute(f"SET LOCAL session_replication_role = {role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only: TRUNCATE"):
        sql.execute("TRUNCATE other CASCADE")
    sql.rollback()
    assert list(AuditLog.objects.values_list("pk", flat=True)) == [row.pk]


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_time_and_transaction_are_the_databases_word(connect, role):
    sql = connect()
    sql.execute(f"SET session_replication_role = {role}")
    forged = INSERT.replace("(actor_kind", "(created_at, transaction, actor_kind").replace("VALUES (", "VALUES ('2001-01-01', 1, ")
    got = sql.execute(f"{forged} RETURNING created_at = statement_timestamp(), transaction = pg_current_xact_id()::text::bigint").fetchone()
    assert got == (True, True)


@pytest.mark.parametrize("role", ["origin", "replica"])
def test_time_and_transaction_can_not_be_copied_in(connect, role):
    sql = connect()
    sql.execute(f"SET session_replication_role = {role}")
    columns = "created_at, transaction, actor_kind, actor_id, actor_label, action_type, entity_type, entity_id, entity_label, reason, request_id"
    with sql.cursor().copy(f"COPY ops_audit_logs ({columns}) FROM STDIN") as copy:
        copy.write_row(["2001-01-01", 1, "cli", *[""] * 8])
    got = sql.execute(
        "SELECT created_at > now() - interval '1 minute', transaction = pg_current_xact_id()::text::bigint FROM ops_audit_logs"
    ).fetchall()
    assert got == [(True, True)]


def test_a_chosen_id_is_refused(connect):
    sql = connect(autocommit=True)
    with pytest.raises(psycopg.errors.GeneratedAlways):
        sql.execute(INSERT.replace("(actor_kind", "(id, actor_kind").replace("VALUES (", "VALUES (7, "))


def test_two_open_transactions_both_write_without_waiting(connect):
    first, second = connect(), connect()
    for sql in (first, second):
        sql.execute("SET lock_timeout = '500ms'")
        sql.execute(INSERT)
    waiting = connect(autocommit=True).execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    assert waiting == (0,)
    second.commit()
    first.commit()
    transactions = list(AuditLog.objects.order_by("id").values_list("transaction", flat=True))
    assert len(set(transactions)) == len(transactions) == 2


def test_a_full_run_of_the_python_writer_waits_for_nobody(connect):
    foreign = connect()
    foreign.execute(INSERT)
    with transaction.atomic():
        from django.db import connection

        connection.cursor().execute("SET LOCAL lock_timeout = '500ms'")
        record(actor=Actor.system("tests"), action_type=AccountAction.SIGN_OUT)
    assert AuditLog.objects.count() == 1


def test_the_runbooks_statement_works_verbatim(connect):
    sql = connect(autocommit=True)
    for label in ("first", "second"):
        sql.execute(INSERT.replace("'X'", "'UPSERT_OFFER'").replace("VALUES ('cli', ''", f"VALUES ('cli', '{label}'"))
    sql.execute(INSERT)
    found = sql.execute("SELECT * FROM ops_audit_logs WHERE action_type = 'UPSERT_OFFER' ORDER BY created_at DESC;")
    names = [column.name for column in found.description]
    rows = found.fetchall()
    assert [row[names.index("actor_id")] for row in rows] == ["second", "first"]
    assert [row[names.index("changes")] for row in rows] == [{}, {}]

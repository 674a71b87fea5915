"""Sealing: every committed row once, whatever the order of commits, however many seal."""

import random
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.action_types import AccountAction
from audit import sealing
from audit.actions import record, seal_rows
from audit.models import AuditLog, AuditSeal
from audit.ranges import ids_of
from audit.verifying import verify
from tests.audit.chains import SEALER, write
from tests.audit.test_append_only import INSERT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Path) -> Path:
    file: Path = tmp_path / "heads" / "audit-seals.log"
    settings.OPS_SEAL_FILE = file
    return file


def insert(sql: psycopg.Connection[Any]) -> int:
    row = sql.execute(f"{INSERT} RETURNING id").fetchone()
    assert row is not None
    return int(row[0])


def members() -> list[Any]:
    return list(AuditSeal.objects.order_by("number").values_list("members", flat=True))


def test_committed_rows_are_sealed_once():
    ids = write(3)
    assert seal_rows(actor=SEALER) == sealing.Sealing([1], 3)
    assert seal_rows(actor=SEALER) == sealing.Sealing()
    more = write(2)
    assert seal_rows(actor=SEALER) == sealing.Sealing([2], 2)
    assert members() == [((ids[0], ids[2]),), ((more[0], more[1]),)]


def test_ids_that_were_rolled_back_are_nobodys(connect):
    first = write()[0]
    sql = connect()
    lost = insert(sql)
    sql.rollback()
    last = write()[0]
    seal_rows(actor=SEALER)
    assert (lost, members()) == (first + 1, [((first, first), (last, last))])


def test_rows_that_commit_later_get_into_a_later_seal(connect):
    slow, quick = connect(), connect()
    early = insert(slow)
    late = insert(quick)
    quick.commit()
    assert seal_rows(actor=SEALER).rows == 1
    slow.commit()
    assert seal_rows(actor=SEALER).rows == 1
    assert (early < late, members()) == (True, [((late, late),), ((early, early),)])
    assert seal_rows(actor=SEALER) == sealing.Sealing()


def test_a_transaction_that_stays_open_holds_nobody_back(connect):
    """For as many seals as it likes: its ids stay open, everybody else's are sealed at once, and nothing is read twice."""
    long = connect()
    held = [insert(long), insert(long)]
    sealed = []
    for _ in range(4):
        ids = write(2)
        assert seal_rows(actor=SEALER).rows == 2
        sealed.append((ids[0], ids[-1]))
        held.append(insert(long))
    assert [spans for (spans,) in members()] == sealed
    assert set(AuditSeal.objects.values_list("settled", flat=True)) == {0}
    long.commit()
    assert seal_rows(actor=SEALER).rows == len(held)
    write()
    seal_rows(actor=SEALER)
    fifth, sixth = AuditSeal.objects.order_by("number")[4:]
    assert (sixth.settled, fifth.high) == (fifth.high, held[-1])


def test_a_foreign_transaction_that_wrote_no_row_does_not_matter(connect):
    foreign = connect()
    foreign.execute("CREATE TABLE theirs (id bigint)")
    write()
    seal_rows(actor=SEALER)
    write()
    seal_rows(actor=SEALER)
    first, second = AuditSeal.objects.order_by("number")
    assert (first.awaited, second.settled) == ([], first.high)


def test_settled_waits_for_each_transaction_that_was_open(connect):
    one, two = connect(), connect()
    insert(one)
    write()
    seal_rows(actor=SEALER)
    insert(two)
    one.commit()
    # `two` came after the first seal: it holds back the second one only.
    assert seal_rows(actor=SEALER).rows == 1
    first, second = AuditSeal.objects.order_by("number")
    assert (len(first.awaited), len(second.awaited), second.settled) == (1, 1, first.high)


def test_an_id_taken_before_its_transaction_has_a_number_is_awaited(connect):
    """A writer that stopped between its id and its row: nothing but the lock on the table says that it is there."""
    sql = connect()
    sql.execute("DECLARE c CURSOR FOR SELECT 1")
    sql.execute("LOCK TABLE ops_audit_logs IN ROW EXCLUSIVE MODE")
    assert sql.execute("SELECT pg_current_xact_id_if_assigned()").fetchone() == (None,)
    taken = sql.execute("SELECT nextval(pg_get_serial_sequence('ops_audit_logs', 'id'))").fetchone()[0]
    write()
    seal_rows(actor=SEALER)
    write()
    seal_rows(actor=SEALER)
    sql.execute(INSERT.replace("(actor_kind", "(id, actor_kind").replace("VALUES (", f"OVERRIDING SYSTEM VALUE VALUES ({taken}, "))
    sql.commit()
    assert seal_rows(actor=SEALER).rows == 1
    assert members()[-1] == ((taken, taken),)


def test_a_batch_is_bounded_and_a_call_goes_on(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    ids = write(10)
    assert seal_rows(actor=SEALER) == sealing.Sealing([1, 2, 3], 10)
    assert members() == [((ids[0], ids[3]),), ((ids[4], ids[7]),), ((ids[8], ids[9]),)]


def test_a_call_ends_at_its_deadline_and_says_that_rows_wait(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(10)
    assert seal_rows(actor=SEALER, seconds=-1) == sealing.Sealing([1], 4, more=True)


def test_late_rows_that_do_not_fit_into_one_seal_get_into_the_next(connect, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    long = connect()
    late = [insert(long) for _ in range(6)]
    write()
    seal_rows(actor=SEALER)
    long.commit()
    assert seal_rows(actor=SEALER) == sealing.Sealing([2, 3], 6)
    assert members()[1:] == [((late[0], late[3]),), ((late[4], late[5]),)]


def test_a_full_last_batch_waits_for_nothing(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(8)
    assert seal_rows(actor=SEALER) == sealing.Sealing([1, 2], 8)


def test_sealing_that_is_rolled_back_seals_nothing():
    write(2)
    with transaction.atomic():
        assert seal_rows(actor=SEALER).rows == 2
        transaction.set_rollback(True)
    assert seal_rows(actor=SEALER) == sealing.Sealing([1], 2)


def test_inside_a_transaction_its_own_rows_are_sealed_with_it():
    with transaction.atomic():
        mine = record(actor=SEALER, action_type=AccountAction.SIGN_OUT).pk
        assert seal_rows(actor=SEALER).rows == 1
        later = record(actor=SEALER, action_type=AccountAction.SIGN_OUT).pk
    assert seal_rows(actor=SEALER).rows == 1
    assert members() == [((mine, mine),), ((later, later),)]


def test_a_transaction_with_a_frozen_view_is_refused():
    write()
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(RuntimeError, match="READ COMMITTED, not REPEATABLE READ"):
            seal_rows(actor=SEALER)


def test_a_second_sealer_returns_at_once(connect):
    write()
    other = connect()
    other.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.LOCK])
    assert seal_rows(actor=SEALER) == sealing.Sealing(busy=True)
    other.commit()
    assert seal_rows(actor=SEALER) == sealing.Sealing([1], 1)


def test_writers_and_sealers_beside_each_other_seal_every_row_once(connect):
    """Eight writers that hold their rows for a while, roll some back, and commit in another order; three sealers all the while."""
    done = threading.Event()
    errors: list[BaseException] = []

    def writer(sql: psycopg.Connection[Any], seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            for _ in range(chance.randint(1, 4)):
                insert(sql)
                time.sleep(chance.random() / 200)
            sql.rollback() if chance.random() < 0.3 else sql.commit()

    def sealer() -> None:
        try:
            while not done.is_set():
                seal_rows(actor=SEALER)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=writer, args=(connect(), seed)) for seed in range(8)]
    sealers = [threading.Thread(target=sealer) for _ in range(3)]
    for thread in [*writers, *sealers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    seal_rows(actor=SEALER)
    sealed = sorted(one for spans in members() for one in ids_of(spans))
    assert errors == []
    assert sealed == list(AuditLog.objects.order_by("id").values_list("pk", flat=True))
    report = verify()
    assert (report.findings, report.waiting) == ([], 0)
    assert report.seals > 1


def test_a_chain_can_not_fork(connect):
    """Whoever goes around the action meets the constraints."""
    write()
    seal_rows(actor=SEALER)
    write()
    seal_rows(actor=SEALER)
    first, second = AuditSeal.objects.order_by("number")
    for fields, constraint in (
        ({"number": 3, "previous": first.head}, "ops_audit_seals_previous_key"),
        ({"number": 2, "previous": second.head}, "ops_audit_seals_pkey"),
        ({"number": 3, "previous": b"x" * 32}, "audit_seals_continue"),
        ({"number": 3, "previous": None}, "audit_seals_begin_at_one"),
        ({"number": 3, "previous": second.head, "members": second.members}, "audit_seals_seal_once"),
        ({"number": 3, "previous": second.head, "head": first.head}, "ops_audit_seals_head_key"),
    ):
        values = {name: getattr(second, name) for name in ("sealed_at", "sealed_by", "rows", "high", "settled", "awaited", "fingerprints", "digest")}
        forged = AuditSeal(**values | {"members": ((900, 900),), "head": b"y" * 32} | fields)
        with pytest.raises(IntegrityError) as refused:
            forged.save(force_insert=True)
        assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


CHANGES = {
    "update": "UPDATE ops_audit_seals SET rows = 2", "delete": "DELETE FROM ops_audit_seals", "delete of nothing": "DELETE FROM ops_audit_seals WHERE false",
    "truncate": "TRUNCATE ops_audit_seals",
}  # fmt: skip


@pytest.mark.parametrize("role", ["origin", "replica"])
@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_seals_can_only_be_added(connect, statement, role):
    write()
    seal_rows(actor=SEALER)
    sql = connect(autocommit=True)
    sql.execute(f"SET session_replication_role = {role}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="ops_audit_seals is append-only"):
        sql.execute(statement)

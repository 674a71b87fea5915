"""Sealing: every committed row once, whatever the order of commits, however many seal."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import transaction

from accounts.action_types import AccountAction
from audit import sealing
from audit.actions import record, seal_rows
from audit.actors import Actor
from audit.models import AuditSeal
from tests.audit.test_append_only import INSERT

SEALER = Actor.system("audit seal")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def seal_file(settings: Any, tmp_path: Path) -> Path:
    settings.OPS_SEAL_FILE = tmp_path / "heads" / "audit-seals.log"
    return settings.OPS_SEAL_FILE


def write(count: int = 1, **fields: Any) -> list[int]:
    with transaction.atomic():
        return [record(actor=Actor.system("tests"), action_type=AccountAction.SIGN_OUT, **fields).pk for _ in range(count)]


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


def test_a_full_last_batch_waits_for_nothing(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(8)
    assert seal_rows(actor=SEALER) == sealing.Sealing([1, 2], 8)

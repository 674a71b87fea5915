"""The daily check of the whole audit log."""

from datetime import timedelta

import pytest

from jobs import registry
from jobs.engine.standing import ensure_rows
from jobs.models import FailedItem, Lease, RunBatch
from jobs.queries import audit_checked
from opsportal import clock
from tests.audit.chains import lifted, sealed
from tests.jobs.test_own import carried_out

NAME = "verify-audit-log"


@pytest.fixture
def chain(db, monkeypatch):
    """Eight seals of two rows each, checked three at a time."""
    monkeypatch.setattr("jobs.own.SEALS_AT_ONCE", 3)
    ensure_rows(registry.all_jobs())
    return [sealed(2)[0] for _ in range(8)]


def keys(run):
    """What the run's batches said, without the figures."""
    return [line.partition(":")[0] for batch in RunBatch.objects.filter(run=run).order_by("number") for line in batch.lines]


def alter(row_id):
    with lifted() as sql:
        sql.execute("UPDATE ops_audit_logs SET reason = 'nothing happened' WHERE id = %s", [row_id])


def test_every_seal_is_checked_and_the_next_run_begins_at_the_first(chain):
    whole = ["Seals #1 to #3", "Seals #4 to #6", "Seals #7 to #8"]
    for said in (whole, whole):
        run = carried_out(NAME)
        assert (run.state, run.ended_because, keys(run), Lease.objects.get(pk=NAME).cursor) == ("succeeded", "all_done", said, None)
    # However many seals there are, the last batch shows that it is the last.
    sealed(2), sealed(2), sealed(2), sealed(2)
    assert (keys(carried_out(NAME)), Lease.objects.get(pk=NAME).cursor) == ([*whole[:2], "Seals #7 to #12"], None)


def test_a_log_that_takes_longer_than_a_run_is_checked_on_in_the_next(chain, monkeypatch):
    monkeypatch.setattr(registry.get(NAME), "max_batches", 1)
    first, second = carried_out(NAME), carried_out(NAME)
    assert (first.ended_because, keys(first)) == ("max_batches", ["Seals #1 to #3", "Seals #4 to #6"])
    assert (second.ended_because, keys(second)) == ("all_done", ["Seals #7 to #8"])


def test_what_is_not_as_it_was_sealed_is_said_and_the_rest_is_checked(chain):
    alter(chain[3][1])
    run = carried_out(NAME)
    assert (run.state, run.items, run.failed_items) == ("succeeded", 3, 1)
    item = FailedItem.objects.get()
    assert (item.key, item.error) == ("#4", f"NOT as it was sealed. Altered: row {chain[3][1]} of seal #4.")
    assert (audit_checked()["verdict"], audit_checked()["faults"]) == ("fail", 1)
    with lifted() as sql:
        sql.execute("UPDATE ops_audit_logs SET reason = '' WHERE id = %s", [chain[3][1]])
    FailedItem.objects.update(next_try_at=clock.now())
    assert (carried_out(NAME).failed_items, FailedItem.objects.get().state, audit_checked()["verdict"]) == (0, "settled", "ok")


def test_a_run_in_which_all_is_wrong_fails(chain):
    for ids in chain[0], chain[3], chain[6]:
        alter(ids[0])
    run = carried_out(NAME)
    assert (run.state, run.ended_because, audit_checked()["faults"]) == ("failed", "every_item_failed", 3)


def test_nobody_says_that_all_is_well_before_the_whole_was_checked_nor_long_after(chain, monkeypatch, time_machine):
    assert audit_checked() == {"verdict": "unknown", "faults": 0, "whole_at": None}
    monkeypatch.setattr(registry.get(NAME), "max_batches", 1)
    carried_out(NAME)
    assert audit_checked()["verdict"] == "unknown"
    run = carried_out(NAME)
    assert audit_checked() == {"verdict": "ok", "faults": 0, "whole_at": run.ended_at.isoformat()}
    time_machine.move_to(clock.now() + timedelta(days=3, seconds=1))
    assert audit_checked()["verdict"] == "unknown"

from datetime import timedelta

import pytest
from django.db import transaction

from audit.actions import record
from audit.models import AuditLog, AuditSeal
from jobs import actions, registry
from jobs.action_types import JobAction
from jobs.engine.execution import execute
from jobs.models import FailedItem, Run, RunBatch, Slot, Trigger
from jobs.sweeps import Sweep, _sweeps
from opsportal import clock
from tests.jobs.conftest import SYSTEM, run_now


def carried_out(name):
    run = Run.objects.create(job=name, trigger=Trigger.COMMAND)
    execute(run.pk)
    return Run.objects.get(pk=run.pk)


@pytest.fixture
def rows(db):
    from jobs.engine.standing import ensure_rows

    ensure_rows(registry.all_jobs())


def test_seal_job_seals_what_waits(rows):
    with transaction.atomic():
        record(actor=SYSTEM, action_type=JobAction.RUN_JOB)
    run = carried_out("seal-audit-log")
    assert (run.state, AuditSeal.objects.count(), AuditSeal.objects.get().rows) == ("succeeded", 1, 1)
    assert RunBatch.objects.get(run=run).lines == ["1 rows in seals #1 to #1."]


def test_sweep_does_every_part_and_isolates_one_that_fails(rows, monkeypatch):
    done = []

    def broken(deadline):
        raise RuntimeError("no disk")

    parts = {"a": Sweep("a", lambda deadline: 3), "b": Sweep("b", broken), "c": Sweep("c", lambda deadline: done.append(1) or 0)}
    monkeypatch.setattr("jobs.own.all_sweeps", lambda: list(parts.values()))
    run = carried_out("sweep")
    assert (run.state, run.items, run.failed_items) == ("succeeded", 3, 1)
    assert (FailedItem.objects.get().key, FailedItem.objects.get().error, done) == ("b", "RuntimeError: no disk", [1])
    assert next(batch.lines for batch in RunBatch.objects.filter(run=run)) == ["a: 3"]
    # Each in a transaction of its own, and all of them again in the next run.
    assert (RunBatch.objects.filter(run=run).count(), carried_out("sweep").items, done) == (3, 3, [1, 1])


def test_sweep_has_a_part_for_the_outbox_and_for_old_runs(rows):
    assert {"outbox", "sent messages", "dead messages", "old runs"} <= set(_sweeps)
    assert carried_out("sweep").state == "succeeded"


def test_old_runs_are_removed_and_what_still_matters_stays(trial):
    trial.before = lambda batch: [batch.fail(item, "away") for item in batch.items if item.value == 2]
    with_open_item, plain = run_now(trial), run_now(trial)
    old = clock.now() - timedelta(days=31)
    slot = Slot.objects.create(job="trial", due_at=old, run=plain)
    Slot.objects.create(job="trial", due_at=old - timedelta(hours=1), reason="too_soon")
    fresh = run_now(trial)
    Run.objects.exclude(pk=fresh.pk).update(created_at=old)
    assert actions.purge_runs(actor=SYSTEM) == 3
    assert set(Run.objects.values_list("pk", flat=True)) == {with_open_item.pk, fresh.pk}
    assert not Slot.objects.filter(pk=slot.pk).exists()
    assert AuditLog.objects.filter(action_type="PURGE_RUNS").count() == 1


def test_purge_with_nothing_old_leaves_no_audit_row(trial):
    assert (actions.purge_runs(actor=SYSTEM), AuditLog.objects.count()) == (0, 0)

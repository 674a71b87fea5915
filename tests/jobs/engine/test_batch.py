import pytest

from jobs.models import Run, RunBatch
from tests.jobs.conftest import effects, run_now
from tests.jobs.engine.test_execution import NUMBERS, facts


@pytest.mark.parametrize(("quick", "is_measured"), [(0, True), (3600, False)])
def test_quick_batch_is_not_measured_and_otherwise_written_like_any(trial, monkeypatch, quick, is_measured):
    monkeypatch.setattr("jobs.engine.batch.QUICK", quick)
    trial.before = lambda batch: batch.items[0].value == 101 and batch.fail(batch.items[3], "no price")
    assert facts(run_now(trial)) == ("succeeded", "all_done", 3, 250, 1, 250)
    batches = list(RunBatch.objects.values_list("number", "items", "failed_items", "cursor", "lines"))
    assert batches == [(1, 100, 0, 100, []), (2, 100, 1, 200, []), (3, 50, 0, 250, [])]
    assert [batch.seconds is not None for batch in RunBatch.objects.all()] == [is_measured, True, is_measured]


def test_batch_leaves_nothing_behind_when_it_is_rolled_back(trial):
    trial.before = lambda batch: Run.objects.update(stop_asked_at="2020-01-01T00:00Z")
    assert facts(run_now(trial)) == ("stopped", "stopped", 1, 100, 0, 100)
    assert (RunBatch.objects.count(), effects()) == (1, NUMBERS[:100])

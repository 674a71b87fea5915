"""The job that calculates every active offer's risk, as the engine runs it."""

from typing import Any

import pytest

from audit.models import AuditLog
from catalog.jobs import risk
from catalog.jobs.risk import AntiCilada
from catalog.models import Offer
from catalog.risk.writing import calculate
from jobs import registry
from jobs.deadline import Deadline
from jobs.engine.standing import ensure_rows
from jobs.job import Batch
from jobs.models import FailedItem, Lease, Run, RunBatch, Schedule
from opsportal.errors import OpsError
from switches import actions as switches
from tests.catalog.actions.test_risk import BIA, make_steady, make_trap
from tests.factories import make_offer
from tests.jobs.conftest import run_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> AntiCilada:
    """In batches of two, as often as asked."""
    job = registry.get("anti-cilada")
    assert isinstance(job, AntiCilada)
    monkeypatch.setattr(AntiCilada, "batch_size", 2)
    ensure_rows([job])
    Schedule.objects.filter(job=job.name).update(min_interval=0)
    return job


def run(job: AntiCilada) -> Run:
    return run_now(job)  # type: ignore[arg-type]


def buckets() -> list[str]:
    return list(Offer.objects.order_by("pk").values_list("bucket", flat=True))


def calculated() -> list[bool]:
    return [at is not None for at in Offer.objects.order_by("pk").values_list("risk_at", flat=True)]


def test_run_calculates_every_active_offer_and_starts_over(job: AntiCilada) -> None:
    make_trap()
    make_steady()
    make_steady(status="archived")
    make_offer()
    done = run(job)
    assert (done.state, done.ended_because, done.items, done.batches, done.failed_items) == ("succeeded", "all_done", 3, 2, 0)
    assert (buckets(), calculated()) == (["risky", "safe", "unknown", "unknown"], [True, True, False, True])
    assert Lease.objects.get(schedule=job.name).cursor is None
    lines = [line for batch in RunBatch.objects.order_by("number") for line in batch.lines]
    assert lines == ["Buckets: 1 unknown → risky, 1 unknown → safe."]
    assert AuditLog.objects.filter(action_type="CALC_RISK").count() == 0
    assert run(job).items == 3


def test_run_goes_on_where_the_last_one_stood(job: AntiCilada, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(5):
        make_steady()
    monkeypatch.setattr(AntiCilada, "max_batches", 1)
    seen = []
    for _run in range(3):
        assert run(job).state == "succeeded"
        seen.append(calculated())
    assert seen == [[True, True, False, False, False], [True, True, True, True, False], [True] * 5]


def test_switch_turned_off_stops_the_run_within_a_batch(job: AntiCilada, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(6):
        make_steady()

    def then_off(numbers: list[int]) -> Any:
        done = calculate(numbers)
        switches.turn_off(actor=BIA, name="ENABLE_ANTI_CILADA", reason="false alarms")
        return done

    monkeypatch.setattr(risk, "calculate", then_off)
    done = run(job)
    assert (done.state, done.ended_because, done.batches) == ("stopped", "switch_off", 1)
    assert calculated() == [True, True, False, False, False, False]


def test_run_is_refused_while_the_switch_is_off(job: AntiCilada) -> None:
    make_trap(risk_score=3, bucket="safe")
    switches.turn_off(actor=BIA, name="ENABLE_ANTI_CILADA", reason="false alarms")
    with pytest.raises(OpsError, match="The job's switch is off"):
        run(job)
    assert (buckets(), calculated()) == (["safe"], [False])


def test_one_offer_that_cannot_be_judged_does_not_sink_the_others(job: AntiCilada, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = make_steady()
    make_steady()
    make_steady()

    def stumbling(numbers: list[int]) -> Any:
        if bad.pk in numbers:
            raise ValueError("no such rule")
        return calculate(numbers)

    monkeypatch.setattr(risk, "calculate", stumbling)
    done = run(job)
    assert (done.state, done.failed_items, calculated()) == ("succeeded", 1, [False, True, True])
    assert [(item.key, item.error) for item in FailedItem.objects.all()] == [(str(bad.pk), "ValueError: no such rule")]
    assert [item.key for item in job.again([str(bad.pk), "0"])] == [str(bad.pk)]


def test_batch_without_time_ends_between_two_steps(job: AntiCilada, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        make_steady()
    monkeypatch.setattr(risk, "STEP", 1)
    monkeypatch.setattr(AntiCilada, "batch_size", 5)
    batch = Batch(job.next_items(None, 5), Deadline(0))
    job.process(batch)
    assert (batch.done, calculated()) == (1, [True, False, False])


def test_a_run_has_room_for_the_whole_catalog() -> None:
    """A hundred thousand offers within a run, if the time guard allows; the figures: bin/bench catalog risk."""
    assert AntiCilada.batch_size * AntiCilada.max_batches >= 100_000

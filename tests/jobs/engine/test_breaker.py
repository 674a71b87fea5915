import pytest

from audit.models import AuditLog
from jobs.actions import rerun_failed_items
from jobs.engine.ending import Ended, end, reap
from jobs.engine.execution import execute
from jobs.engine.lease import claim
from jobs.models import FailedItem, Lease, Run, State, Trigger
from opsportal import clock
from switches import actions as switches
from switches.queries import states
from tests.jobs.conftest import SYSTEM, run_now
from tests.jobs.trial import SWITCH


def broken(batch):
    raise RuntimeError("shop away")


def is_on():
    return states([SWITCH])[SWITCH].is_on


@pytest.fixture
def failing(trial):
    trial.before = broken
    return trial


def test_three_failures_in_a_row_leave_the_switch_on(failing):
    assert [run_now(failing).state for _ in range(3)] == ["failed"] * 3
    assert (is_on(), Lease.objects.get(pk="trial").failures) == (True, 3)


def test_fourth_failure_in_a_row_turns_the_switch_off_with_the_errors(failing):
    runs = [run_now(failing) for _ in range(4)]
    assert not is_on()
    row = AuditLog.objects.get(action_type="TURN_SWITCH_OFF")
    assert (row.actor_kind, row.actor_label, row.entity_id) == ("system", "jobs", SWITCH)
    said = " · ".join(f"#{run.pk}: EveryItemFailed: RuntimeError: shop away" for run in reversed(runs))
    assert row.reason == f"trial failed 4 times in a row. {said}"[:500]


def test_success_ends_the_streak(failing):
    for _ in range(3):
        run_now(failing)
    failing.before = lambda batch: None
    run_now(failing)
    failing.before, failing.last = broken, 500
    assert run_now(failing).state == "failed"
    assert (is_on(), Lease.objects.get(pk="trial").failures) == (True, 1)


def test_turning_on_again_clears_the_streak(failing):
    for _ in range(4):
        run_now(failing)
    switches.turn_on(actor=SYSTEM, name=SWITCH, reason="the shop is back")
    assert [run_now(failing).state for _ in range(3)] == ["failed"] * 3
    assert is_on()
    run_now(failing)
    assert not is_on()


def test_interruptions_do_not_count(failing):
    for _ in range(3):
        run_now(failing)
    for _ in range(3):
        run = Run.objects.create(job="trial", trigger=Trigger.COMMAND)
        end(claim(run.pk), Ended(State.INTERRUPTED, "database_away"))
    assert (is_on(), Lease.objects.get(pk="trial").failures) == (True, 3)


def test_stopped_run_neither_counts_nor_clears(failing):
    run_now(failing)
    run = Run.objects.create(job="trial", trigger=Trigger.COMMAND)
    end(claim(run.pk), Ended(State.STOPPED, "stopped"))
    assert Lease.objects.get(pk="trial").failures == 1


def test_items_tried_again_in_vain_neither_count_nor_clear(failing):
    failing.before = lambda batch: [batch.fail(item, "away") for item in batch.items]
    first = run_now(failing)
    again = rerun_failed_items(actor=SYSTEM, run_id=first.pk)
    execute(again.pk)
    assert (Run.objects.get(pk=again.pk).state, Lease.objects.get(pk="trial").failures) == ("failed", 1)
    # Nothing is new: this one tries again what failed before.
    FailedItem.objects.update(next_try_at=clock.now())
    later = run_now(failing)
    assert (later.failed_items > 0, later.state, Lease.objects.get(pk="trial").failures) == (True, "succeeded", 1)


def test_reason_of_the_breaker_has_a_part_of_each_error(failing):
    def wordy(batch):
        raise RuntimeError("shop away " * 40)

    failing.before = wordy
    runs = [run_now(failing) for _ in range(4)]
    reason = AuditLog.objects.get(action_type="TURN_SWITCH_OFF").reason
    assert [f"#{run.pk}: EveryItemFailed: RuntimeError: shop away" in reason for run in runs] == [True] * 4


@pytest.mark.parametrize("is_reaped", [False, True])
def test_interrupted_rerun_leaves_the_interval_of_the_run_before(failing, is_reaped):
    failing.before = lambda batch: [batch.fail(item, "away") for item in batch.items]
    first = run_now(failing)
    ran_at = Lease.objects.get(pk="trial").ran_at
    held = claim(rerun_failed_items(actor=SYSTEM, run_id=first.pk).pk)
    if is_reaped:
        Lease.objects.filter(pk="trial").update(until=clock.now())
        reap("trial")
    else:
        end(held, Ended(State.INTERRUPTED, "worker_stopped"))
    assert (Run.objects.get(pk=held.run.pk).state, Lease.objects.get(pk="trial").ran_at) == ("interrupted", ran_at)

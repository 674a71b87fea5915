from collections import Counter

import pytest
from django.db import connection

from jobs import actions
from jobs.engine.execution import execute
from jobs.models import FailedItem, Lease, Run, RunBatch
from switches import actions as switches
from switches.queries import states
from tests.jobs.conftest import SYSTEM, effects, run_now
from tests.jobs.trial import SWITCH

NUMBERS = list(range(1, 251))


def facts(run):
    return run.state, run.ended_because, run.batches, run.items, run.failed_items, run.cursor_after


def test_run_does_every_item_once_in_batches(trial):
    run = run_now(trial)
    assert facts(run) == ("succeeded", "all_done", 3, 250, 0, 250)
    assert effects() == NUMBERS
    batches = list(RunBatch.objects.values_list("number", "items", "failed_items", "cursor"))
    assert batches == [(1, 100, 0, 100), (2, 100, 0, 200), (3, 50, 0, 250)]
    assert Lease.objects.values_list("token", "until", "run", "cursor").get(pk="trial") == (1, None, None, 250)


def test_run_ends_at_its_batches_and_the_next_goes_on(make_trial):
    trial = make_trial(250, max_batches=2)
    assert facts(run_now(trial)) == ("succeeded", "max_batches", 2, 200, 0, 200)
    assert facts(run_now(trial)) == ("succeeded", "all_done", 1, 50, 0, 250)
    assert effects() == NUMBERS


def test_job_that_rewinds_begins_again_after_the_end(make_trial):
    trial = make_trial(5, rewinds=True)
    assert facts(run_now(trial)) == ("succeeded", "all_done", 1, 5, 0, None)
    assert facts(run_now(trial)) == ("succeeded", "all_done", 1, 5, 0, None)
    assert effects() == [1, 2, 3, 4, 5] * 2


def test_job_that_ended_exactly_at_the_end_begins_again_in_the_next_run(make_trial):
    trial = make_trial(200, rewinds=True, max_batches=2)
    assert facts(run_now(trial)) == ("succeeded", "max_batches", 2, 200, 0, 200)
    assert facts(run_now(trial)) == ("succeeded", "max_batches", 2, 200, 0, 200)
    assert Counter(effects()) == Counter(list(range(1, 201)) * 2)


def test_one_bad_item_does_not_sink_its_batch(trial):
    def bad(batch):
        if any(item.value == 42 for item in batch.items):
            raise ValueError("42 has no answer")

    trial.before = bad
    assert facts(run_now(trial)) == ("succeeded", "all_done", 3, 250, 1, 250)
    assert effects() == [number for number in NUMBERS if number != 42]
    item = FailedItem.objects.get()
    assert (item.key, item.state, item.attempts, item.error) == ("42", "waiting", 1, "ValueError: 42 has no answer")


def test_item_that_breaks_the_transaction_is_isolated_too(trial):
    def bad(batch):
        if any(item.value == 150 for item in batch.items):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    trial.before = bad
    assert facts(run_now(trial)) == ("succeeded", "all_done", 3, 250, 1, 250)
    assert effects() == [number for number in NUMBERS if number != 150]


def test_item_that_cannot_be_fetched_is_isolated(trial):
    def fetch(batch):
        if any(item.value == 7 for item in batch.items):
            raise TimeoutError("shop 7 does not answer")
        return "fetched"

    trial.fetches = fetch
    trial.before = lambda batch: None if batch.fetched == "fetched" else pytest.fail("not fetched")
    assert facts(run_now(trial)) == ("succeeded", "all_done", 3, 250, 1, 250)
    assert FailedItem.objects.get().error == "TimeoutError: shop 7 does not answer"


def test_item_the_job_itself_calls_failed_is_listed(trial):
    trial.before = lambda batch: [batch.fail(item, "no price on the page") for item in batch.items if item.value == 3]
    assert facts(run_now(trial)) == ("succeeded", "all_done", 3, 250, 1, 250)
    assert (FailedItem.objects.get().key, FailedItem.objects.get().error) == ("3", "no price on the page")


def test_fetch_happens_outside_the_transaction(trial):
    inside = []
    trial.fetches = lambda batch: inside.append(len(connection.savepoint_ids))
    trial.before = lambda batch: inside.append(len(connection.savepoint_ids))
    outer = len(connection.savepoint_ids)
    run_now(trial)
    assert inside == [outer, outer + 1] * 3


def test_failed_item_is_tried_again_with_the_next_runs_and_settled(make_trial, time_machine):
    trial = make_trial(3)
    trial.before = lambda batch: [batch.fail(item, "away") for item in batch.items if item.value == 2]
    run_now(trial)
    trial.before = lambda batch: None
    assert facts(run_now(trial)) == ("succeeded", "all_done", 0, 0, 0, 3)  # not due yet
    FailedItem.objects.update(next_try_at="2020-01-01T00:00Z")
    run = run_now(trial)
    assert facts(run) == ("succeeded", "all_done", 1, 1, 0, 3)
    assert (effects(), FailedItem.objects.get().state) == ([1, 3, 2], "settled")


def test_failed_item_is_given_up_after_five_attempts(make_trial):
    trial = make_trial(2)
    trial.before = lambda batch: [batch.fail(item, "away") for item in batch.items if item.value == 2]
    for attempts in range(1, 6):
        run_now(trial)
        item = FailedItem.objects.get()
        assert (item.attempts, item.state) == (attempts, "waiting" if attempts < 5 else "given_up")
        FailedItem.objects.filter(state="waiting").update(next_try_at="2020-01-01T00:00Z")
    assert item.next_try_at is None
    assert facts(run_now(trial)) == ("succeeded", "all_done", 0, 0, 0, 2)
    assert states([SWITCH])[SWITCH].is_on  # a retried item that fails says nothing about the job


def test_rerun_does_the_given_up_items_of_that_run_only(make_trial):
    trial = make_trial(4)
    trial.before = lambda batch: [batch.fail(item, "away") for item in batch.items if item.value in (2, 3)]
    first = run_now(trial)
    FailedItem.objects.filter(key="2").update(state="given_up", next_try_at=None)
    trial.before = lambda batch: None
    again = actions.rerun_failed_items(actor=SYSTEM, run_id=first.pk)
    execute(again.pk)
    assert facts(Run.objects.get(pk=again.pk)) == ("succeeded", "all_done", 1, 2, 0, 4)
    assert sorted(effects()) == [1, 2, 3, 4]
    assert set(FailedItem.objects.values_list("state", flat=True)) == {"settled"}


def test_run_without_one_good_item_leaves_the_cursor_and_fails(trial):
    def broken(batch):
        raise RuntimeError("the table is gone")

    trial.before = broken
    run = run_now(trial)
    assert facts(run) == ("failed", "error", 0, 0, 0, None)
    assert run.error.startswith("EveryItemFailed: RuntimeError: the table is gone")
    assert (effects(), FailedItem.objects.count()) == ([], 0)


def test_switch_turned_off_stops_the_run_before_its_next_batch(trial):
    def off(batch):
        if batch.items[0].value == 101:
            return
        switches.turn_off(actor=SYSTEM, name=SWITCH, reason="enough")

    trial.before = off
    run = run_now(trial)
    assert facts(run) == ("stopped", "switch_off", 1, 100, 0, 100)
    assert effects() == NUMBERS[:100]


def test_master_turned_off_stops_the_run(trial):
    trial.before = lambda batch: switches.turn_off(actor=SYSTEM, name="ENABLE_JOBS", reason="enough")
    assert facts(run_now(trial)) == ("stopped", "master_off", 1, 100, 0, 100)


def test_environment_that_forces_off_stops_the_run(trial, monkeypatch):
    trial.before = lambda batch: monkeypatch.setenv(SWITCH, "false")
    assert facts(run_now(trial)) == ("stopped", "switch_off", 1, 100, 0, 100)


def test_stopped_run_ends_before_its_next_batch(trial):
    trial.before = lambda batch: actions.stop_run(actor=SYSTEM, run_id=Run.objects.get().pk)
    assert facts(run_now(trial)) == ("stopped", "stopped", 1, 100, 0, 100)


def test_time_guard_ends_the_run_between_batches(trial):
    trial.before = lambda batch: object.__setattr__(batch.deadline, "seconds", 0)
    assert facts(run_now(trial)) == ("succeeded", "time_guard", 1, 100, 0, 100)


def test_deadline_within_a_batch_rolls_it_back(trial):
    def late(batch):
        if batch.items[0].value == 101:
            object.__setattr__(batch.deadline, "seconds", 0)
            batch.deadline.check()

    trial.before = late
    assert facts(run_now(trial)) == ("succeeded", "time_guard", 1, 100, 0, 100)
    assert effects() == NUMBERS[:100]


def test_batch_done_in_part_moves_the_cursor_that_far(trial):
    def some(batch):
        batch.items = batch.items[:30]
        batch.only(30)

    trial.before = some
    assert facts(run_now(trial)) == ("succeeded", "time_guard", 1, 30, 0, 30)
    assert effects() == NUMBERS[:30]


def test_run_that_gets_nothing_done_in_its_time_has_failed(trial):
    def late(batch):
        object.__setattr__(batch.deadline, "seconds", 0)
        batch.deadline.check()

    trial.before = late
    run = run_now(trial)
    assert (run.state, run.ended_because, run.error.splitlines()[0]) == ("failed", "error", "NothingDone: Not one batch was done within 60 s.")


def test_batch_whose_token_was_taken_cannot_write(trial):
    trial.fetches = lambda batch: Lease.objects.update(token=99)
    run = run_now(trial)
    assert (run.state, effects()) == ("running", [])  # whoever took the token ended this run, or will


def test_batch_after_the_end_of_its_lease_cannot_write(trial):
    trial.fetches = lambda batch: Lease.objects.update(until="2020-01-01T00:00Z")
    assert (run_now(trial).items, effects()) == (0, [])


@pytest.mark.parametrize("text", ["half \ud800 pair", "n\x00l", "postgresql://ops:hunter2@db/ops"])
def test_whatever_a_job_says_can_be_kept(make_trial, text):
    trial = make_trial(3)

    def says(batch):
        batch.log(text)
        if len(batch.items) == 1 and batch.items[0].value == 1:
            raise ValueError(text)
        for item in batch.items:
            if item.value == 2:
                batch.fail(item, text)
        if len(batch.items) > 1:
            raise ValueError(text)

    trial.before = says
    assert facts(run_now(trial)) == ("succeeded", "all_done", 1, 3, 2, 3)
    assert not any("hunter2" in error or "\x00" in error for error in FailedItem.objects.values_list("error", flat=True))


@pytest.mark.parametrize("text", ["half \ud800 pair", "n\x00l"])
def test_run_that_fails_with_any_text_has_failed(make_trial, text):
    trial = make_trial(1)
    trial.next_items = lambda cursor, limit: (_ for _ in ()).throw(ValueError(text))
    assert run_now(trial).state == "failed"


def test_rerun_does_all_failed_items_of_a_run_batch_by_batch(trial):
    trial.before = lambda batch: [batch.fail(item, "away") for item in batch.items]
    first = run_now(trial)
    assert first.failed_items == 250
    trial.before = lambda batch: None
    again = actions.rerun_failed_items(actor=SYSTEM, run_id=first.pk)
    execute(again.pk)
    assert facts(Run.objects.get(pk=again.pk)) == ("succeeded", "all_done", 3, 250, 0, 250)
    assert sorted(effects()) == NUMBERS


def test_rerun_that_fails_again_ends(trial):
    trial.before = lambda batch: [batch.fail(item, "away") for item in batch.items]
    again = actions.rerun_failed_items(actor=SYSTEM, run_id=run_now(trial).pk)
    execute(again.pk)
    assert facts(Run.objects.get(pk=again.pk)) == ("failed", "every_item_failed", 3, 250, 250, 250)


def test_job_that_gives_more_than_it_is_asked_for_does_no_more_than_a_batch_holds(make_trial):
    greedy = make_trial(1200)
    wanted = greedy.next_items
    greedy.next_items = lambda cursor, limit: wanted(cursor, 5000)
    assert facts(run_now(greedy)) == ("succeeded", "max_batches", 10, 1000, 0, 1000)
    assert facts(run_now(greedy)) == ("succeeded", "all_done", 2, 200, 0, 1200)
    assert effects() == list(range(1, 1201))


def test_item_beyond_the_part_that_was_done_is_not_listed(trial):
    def some(batch):
        batch.fail(batch.items[-1], "not even tried")
        batch.items = batch.items[:10]
        batch.only(10)

    trial.before = some
    assert facts(run_now(trial)) == ("succeeded", "time_guard", 1, 10, 0, 10)
    assert FailedItem.objects.count() == 0


def test_claimed_run_is_not_executed_twice(trial):
    run = run_now(trial)
    execute(run.pk)
    assert effects() == NUMBERS

"""The tick with two hundred jobs, at changes of the clock, and from two connections at once."""

import threading
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.engine.execution import execute
from jobs.engine.tick import tick
from jobs.models import Run, Schedule, Slot
from tests.jobs.conftest import effects, run_now

BAR = 20


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr("opsportal.broker.send", lambda *values, **options: True)


@pytest.fixture
def many(make_trial):
    for number in range(200):
        make_trial(10, name=f"trial-{number}")
    tick()


def make_due():
    Schedule.objects.update(every_seconds=60, daily_at=None, slots_until=datetime.now(UTC) - timedelta(minutes=2))


def queries():
    with CaptureQueriesContext(connection) as captured:
        ticked = tick()
    return len(captured), ticked


def test_tick_with_200_jobs_of_which_none_is_due_costs_few_queries(many):
    Schedule.objects.update(slots_until="2199-01-01T00:00Z")
    count, ticked = queries()
    assert (ticked.slots, ticked.runs) == (0, 0)
    assert count < BAR


def test_tick_with_200_jobs_that_are_all_due_costs_few_queries(many):
    make_due()
    count, ticked = queries()
    assert ticked.runs >= 200
    assert count < BAR
    make_due()
    Slot.objects.all().delete()
    count, ticked = queries()
    assert ticked.not_run >= 200
    assert count < BAR


@pytest.fixture
def daily(make_trial, settings):
    settings.TIME_ZONE = "America/New_York"
    make_trial(last=10, rewinds=True)
    Schedule.objects.filter(job="trial").update(every_seconds=None, daily_at=time(2, 30))


def ticks(time_machine, moments):
    """A tick at each of the moments, and the run that it queues, if any."""
    for moment in moments:
        time_machine.move_to(moment)
        tick()
        for run in Run.objects.filter(job="trial", state="queued"):
            execute(run.pk)


@pytest.mark.parametrize(
    ("first", "due"),
    [
        (datetime(2026, 3, 7, 12, tzinfo=UTC), [datetime(2026, 3, 8, 7, 30, tzinfo=UTC), datetime(2026, 3, 9, 6, 30, tzinfo=UTC)]),
        (datetime(2026, 10, 31, 12, tzinfo=UTC), [datetime(2026, 11, 1, 7, 30, tzinfo=UTC), datetime(2026, 11, 2, 7, 30, tzinfo=UTC)]),
    ],
)
def test_ticks_across_the_change_of_clock_make_each_days_slot_once(daily, time_machine, first, due):
    Schedule.objects.filter(job="trial").update(slots_until=first)
    ticks(time_machine, [first + timedelta(minutes=30 * number) for number in range(2 * 48)])
    made = Slot.objects.filter(job="trial").order_by("due_at").values_list("due_at", "reason", "run__state")
    assert list(made) == [(moment, "", "succeeded") for moment in due]


def test_slots_missed_across_the_change_of_clock_are_listed(daily, time_machine):
    Schedule.objects.filter(job="trial").update(slots_until=datetime(2026, 3, 6, 12, tzinfo=UTC))
    ticks(time_machine, [datetime(2026, 3, 9, 12, tzinfo=UTC)])
    made = Slot.objects.filter(job="trial").order_by("due_at").values_list("due_at", "reason")
    assert list(made) == [
        (datetime(2026, 3, 7, 7, 30, tzinfo=UTC), "missed"),
        (datetime(2026, 3, 8, 7, 30, tzinfo=UTC), "missed"),
        (datetime(2026, 3, 9, 6, 30, tzinfo=UTC), ""),
    ]


def start(act, count):
    """In so many threads, each with a connection of its own. Returns what waits for their end."""
    errors = []

    def run():
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()

    def end():
        for thread in threads:
            thread.join()
        assert errors == []

    return end


def wait_for_blocked(connect, count):
    """Until so many connections wait for a lock."""
    with connect(autocommit=True) as watcher:
        deadline = monotonic() + 60
        while watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone() != (count,):
            assert monotonic() < deadline
            sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_ticks_at_once_make_each_slot_and_each_run_once(make_trial, connect):
    jobs = [make_trial(30, name=f"trial-{number}", batch_size=10) for number in range(20)]
    names = [job.name for job in jobs]
    Schedule.objects.exclude(job__in=names).update(slots_until="2199-01-01T00:00Z")
    Schedule.objects.filter(job__in=names).update(every_seconds=60, slots_until=datetime.now(UTC) - timedelta(seconds=150))
    # All of them have seen what is due when the first one writes.
    with connect() as gate:
        gate.execute("LOCK TABLE jobs_slot IN SHARE MODE")
        end = start(tick, 6)
        wait_for_blocked(connect, 6)
    end()
    slots = list(Slot.objects.filter(job__in=names))
    assert max(Counter((slot.job, slot.due_at) for slot in slots).values()) == 1
    assert sorted(slot.job for slot in slots if slot.run_id) == sorted(names)
    assert {slot.reason for slot in slots if not slot.run_id} == {"missed"}
    runs = list(Run.objects.filter(job__in=names).values_list("pk", flat=True))
    assert len(runs) == len(names)
    # Each run is told of several times.
    start(lambda: [execute(run) for run in runs], 4)()
    assert Counter(effects()) == dict.fromkeys(range(1, 31), len(names))
    assert set(Run.objects.filter(pk__in=runs).values_list("state", "batches", "token")) == {("succeeded", 3, 1)}


@pytest.mark.django_db(transaction=True)
def test_run_can_be_stopped_and_seen_while_a_batch_is_on_its_way(make_trial, connect):
    trial = make_trial(250)
    seen = []

    def stop(batch):
        with connect(autocommit=True) as other:
            other.execute("SET lock_timeout = '10s'")
            seen.append(other.execute("UPDATE jobs_run SET stop_asked_at = now() WHERE state = 'running' RETURNING batches").fetchall())
            seen.append(other.execute("SELECT batches, items FROM jobs_lease WHERE job = 'trial'").fetchone())

    trial.process = stop
    run = run_now(trial)
    assert (seen, run.state, run.batches) == ([[(0,)], (0, 0)], "stopped", 1)

"""A worker is held at a chosen moment: asleep beyond its lease, switched off, told again, or in everybody's way."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.jobs.fleet import ENDLESS, Fleet, Process, fleet_of, is_exact

pytestmark = pytest.mark.slow
SHORT = {"lease": 3, "time_guard": 2}
RARE = {"schedule_seconds": 604800}
BUSY = ("busy0", "busy1", "busy2")
LANES = {
    "asleep-between": SHORT,
    "asleep-within": SHORT,
    "off-between": RARE,
    "off-within": RARE,
    "told-again": RARE,
    **{name: RARE for name in BUSY},
    "behind": RARE,
}


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with fleet_of(LANES) as fleet:
        fleet.worker("celery,notify", beat=True)
        fleet.worker("jobs", processes=len(BUSY))
        yield fleet


@pytest.fixture
def worker(fleet: Fleet) -> Iterator[Process]:
    """The one that carries the jobs. Nothing runs any more after the test."""
    yield fleet.processes[1]
    for lane in LANES:
        fleet.plan(lane)
        fleet.rest(lane)


@pytest.mark.parametrize(("lane", "stage"), [("asleep-between", "fetch"), ("asleep-within", "written")])
def test_worker_that_slept_beyond_its_lease_writes_nothing(fleet: Fleet, worker: Process, lane: str, stage: str) -> None:
    fleet.plan(lane, last=ENDLESS, **{stage: "hold"})
    fleet.turn(lane)
    sleeper = fleet.held(lane, stage)
    os.kill(sleeper, signal.SIGSTOP)
    first, token = fleet.rows("SELECT id, token FROM jobs_run WHERE job = %s AND state = 'running'", lane)[0]
    fleet.plan(lane, last=ENDLESS, pause=0.01)
    # Others take over; it wakes while one of them is at work.
    fleet.wait("SELECT cursor::text::int > 100 FROM jobs_lease WHERE job = %s AND run_id IS NOT NULL", lane)
    os.kill(sleeper, signal.SIGCONT)
    fleet.said(worker, f'"job": "{lane}", "run": {first}, "items": 0, "failed": 0, "state": "interrupted", "because": "lease_lost"')
    assert fleet.facts(first) == ("interrupted", "lost", 0, 0)
    assert fleet.one("SELECT min(token) FROM lane_effect WHERE job = %s", lane) > token
    # It works again.
    assert os.getpgid(sleeper) == worker.pid
    fleet.wait("SELECT max(id) > %s FROM jobs_run WHERE job = %s AND items > 0 AND worker LIKE %s", first, lane, f"%:{sleeper}")
    fleet.rest(lane)
    is_exact(fleet, [lane])


@pytest.mark.parametrize(("lane", "stage", "batches"), [("off-between", "fetch", 0), ("off-within", "written", 1)])
def test_switch_turned_off_stops_the_run_before_its_next_batch(fleet: Fleet, worker: Process, lane: str, stage: str, batches: int) -> None:
    fleet.plan(lane, last=1000, **{stage: "hold"})
    fleet.turn(lane)
    run = fleet.ask(lane)
    fleet.send("jobs.tasks.run", run, queue="jobs")
    fleet.held(lane, stage)
    fleet.turn(lane, False)
    fleet.plan(lane, last=1000)
    fleet.rest(lane)
    assert fleet.facts(run) == ("stopped", "switch_off", batches, 10 * batches)
    assert fleet.effects(lane) == list(range(1, 10 * batches + 1))


def test_message_that_is_delivered_again_and_again_is_one_run(fleet: Fleet, worker: Process) -> None:
    lane = "told-again"
    fleet.plan(lane, last=50, fetch="hold")
    fleet.turn(lane)
    run = fleet.ask(lane)
    messages = [fleet.send("jobs.tasks.run", run, queue="jobs") for _ in range(2)]
    fleet.held(lane, "fetch")
    # As the broker does with a message that was not acknowledged for long.
    messages += [fleet.send("jobs.tasks.run", run, queue="jobs") for _ in range(3)]
    for message in messages[2:]:
        fleet.carried(message)
    fleet.plan(lane, last=50)
    for message in messages:
        fleet.carried(message)
    assert fleet.facts(run) == ("succeeded", "all_done", 5, 50)
    assert fleet.one("SELECT token FROM jobs_lease WHERE job = %s", lane) == 1
    is_exact(fleet, [lane])


def test_slow_jobs_delay_neither_the_tick_nor_notifications(fleet: Fleet, worker: Process) -> None:
    for lane in (*BUSY, "behind"):
        fleet.plan(lane, last=10, fetch="hold")
        fleet.turn(lane)
    for lane in BUSY:
        fleet.send("jobs.tasks.run", fleet.ask(lane), queue="jobs")
        fleet.held(lane, "fetch")
    waiting = fleet.ask("behind")
    fleet.send("jobs.tasks.run", waiting, queue="jobs")
    newest = fleet.one("SELECT max(due_at) FROM jobs_slot WHERE job = 'asleep-within'")
    fleet.send("tests.note", "still here", queue="notify")
    fleet.wait("SELECT count(*) = 1 FROM lane_note")
    fleet.wait("SELECT max(due_at) > %s + interval '2 s' FROM jobs_slot WHERE job = 'asleep-within'", newest)
    assert fleet.facts(waiting) == ("queued", "", 0, 0)
    for lane in (*BUSY, "behind"):
        fleet.plan(lane, last=10)
    fleet.wait("SELECT state = 'succeeded' FROM jobs_run WHERE id = %s", waiting)
    for lane in (*BUSY, "behind"):
        fleet.rest(lane)
    is_exact(fleet, [*BUSY, "behind"])

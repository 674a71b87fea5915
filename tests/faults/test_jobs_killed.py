"""kill -9, again and again, wherever the worker is at that moment: every item is done once when all is done."""

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from tests.jobs.fleet import ENDLESS, Fleet, Process, fleet_of, is_exact, slots_are_explained

pytestmark = pytest.mark.slow
LANES = {f"lane{number}": {"lease": 3, "time_guard": 2} for number in range(4)}
KILLS = 20
# A commit takes a while here, so that some are killed in the middle of one: the batch is there, and nobody was told.
SLOW_COMMIT = """
    CREATE FUNCTION lane_slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.04); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER lane_slow_commit AFTER INSERT ON lane_effect DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (new.number % 10 = 0) EXECUTE FUNCTION lane_slow_commit();
"""


def running(fleet: Fleet, but: set[int]) -> tuple[int, str] | None:
    """A run with a batch behind it, and its process."""
    found = fleet.rows(
        "SELECT r.id, worker FROM jobs_run r JOIN jobs_lease l ON l.run_id = r.id WHERE r.job LIKE 'lane%%' AND l.batches > 0 AND NOT r.id = ANY(%s)",
        list(but),
    )
    return random.choice(found) if found else None


def kill_in_mid_batch(fleet: Fleet, tried: set[int]) -> None:
    while not (victim := running(fleet, tried)):
        time.sleep(0.02)
    tried.add(victim[0])
    # A batch takes about 0.2 s: before its transaction, within it, and at its commit.
    time.sleep(random.uniform(0, 0.25))
    fleet.kill(victim[1])


def killed(fleet: Fleet) -> int:
    return int(fleet.one("SELECT count(*) FROM jobs_run WHERE ended_because = 'lost'"))


def end_whole(fleet: Fleet, worker: Process, *, with_children: bool) -> Process:
    """Kill a worker's parent; its children end what they were given, or die with it. Returns the worker in its place."""
    with suppress(ProcessLookupError):
        (os.killpg if with_children else os.kill)(worker.pid, signal.SIGKILL)
    worker.wait()
    return fleet.worker("jobs", processes=2)


def test_every_item_is_done_once_however_often_workers_are_killed() -> None:
    with fleet_of(LANES) as fleet:
        fleet.write(SLOW_COMMIT)
        for lane in LANES:
            fleet.plan(lane, last=ENDLESS, pause=0.05)
            fleet.turn(lane)
        fleet.worker("celery,notify", beat=True)
        workers = [fleet.worker("jobs", processes=2), fleet.worker("jobs", processes=2)]
        fleet.wait("SELECT count(*) > 0 FROM jobs_run WHERE state = 'running' AND job LIKE 'lane%%'")
        tried: set[int] = set()
        deadline = time.monotonic() + 180
        while (dead := killed(fleet)) < KILLS and time.monotonic() < deadline:
            kill_in_mid_batch(fleet, tried)
            if len(tried) in (6, 12):
                workers[0] = end_whole(fleet, workers[0], with_children=len(tried) == 6)
        assert dead >= KILLS
        for lane in LANES:
            last = max(fleet.effects(lane)) + 35
            fleet.plan(lane, last=last)
            fleet.wait("SELECT cursor = to_jsonb(%s::int) FROM jobs_lease WHERE job = %s", last, lane)
            fleet.rest(lane)
        is_exact(fleet)
        slots_are_explained(fleet)
        # Being killed is no failure of the job's.
        assert fleet.one("SELECT count(*) FROM ops_audit_logs WHERE action_type = 'TURN_SWITCH_OFF'") == 0
        assert fleet.rows("SELECT * FROM jobs_run WHERE job LIKE 'lane%%' AND state = 'failed'") == []

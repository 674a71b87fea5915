"""Three workers and two beats on slots of a second. OPS_SOAK_SECONDS=300 makes it the long one."""

import os

import pytest

from tests.jobs.fleet import ENDLESS, fleet_of, is_exact, slots_are_explained

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("OPS_SOAK_SECONDS", "15"))
LANES = {
    "quick": {},
    "other": {"max_batches": 2},
    # Its runs take longer than a slot, and it is due again while it runs.
    "long": {"lease": 6, "time_guard": 3, "max_batches": 100},
    # Due each second, but at least three between two runs.
    "spaced": {"min_interval": 3},
}

SUMMARY = """
    SELECT s.job, count(*) || ' slots', count(*) FILTER (WHERE s.reason = '') || ' ran', sum(r.batches) || ' batches', sum(r.items) || ' items',
        (SELECT string_agg(n || ' ' || reason, ', ' ORDER BY reason)
         FROM (SELECT reason, count(*) AS n FROM jobs_slot WHERE job = s.job AND reason <> '' GROUP BY 1) AS g)
    FROM jobs_slot s LEFT JOIN jobs_run r ON r.id = s.run_id GROUP BY 1 ORDER BY 1
"""


def test_no_slot_runs_twice_under_three_workers_and_two_beats() -> None:
    with fleet_of(LANES) as fleet:
        for lane in LANES:
            fleet.plan(lane, last=ENDLESS, pause=0.1 if lane == "long" else 0.005)
            fleet.turn(lane)
        for _ in range(3):
            fleet.worker("celery,notify,jobs", processes=2)
        beats = [fleet.beat(), fleet.beat()]
        first = fleet.wait("SELECT min(due_at) FROM jobs_slot WHERE job = 'quick'")
        fleet.wait("SELECT max(due_at) >= %s + make_interval(secs => %s) FROM jobs_slot WHERE job = 'quick'", first, SECONDS, seconds=SECONDS + 60)
        for beat in beats:
            beat.terminate()
            beat.wait(60)
        for beat in beats:
            assert fleet.ticks_of(beat) > SECONDS / 3
        fleet.wait("SELECT count(*) = 0 FROM jobs_run WHERE state IN ('queued', 'running')")
        fleet.finish()
        is_exact(fleet)
        slots_are_explained(fleet)
        states = {row[0] for row in fleet.rows("SELECT DISTINCT state FROM jobs_run")}
        reasons = {row[0] for row in fleet.rows("SELECT DISTINCT reason FROM jobs_slot WHERE job IN ('long', 'spaced')")}
        assert states <= {"succeeded", "refused"}
        assert reasons >= {"", "already_running", "too_soon"}
        workers = fleet.rows("SELECT count(DISTINCT worker) FROM jobs_run WHERE worker <> ''")[0][0]
        assert workers > 2
        for line in fleet.rows(SUMMARY):
            print(*line)

"""A job that fails over and over, and jobs that ask no deadline: the first is switched off, the others are cut off."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.jobs.fleet import Fleet, fleet_of, is_exact

pytestmark = pytest.mark.slow
RARE: dict[str, Any] = {"schedule_seconds": 604800}
LANES = {
    "deaf": {**RARE, "lease": 6, "time_guard": 1},
    "stubborn": {**RARE, "lease": 6, "time_guard": 1},
    "failing": {**RARE, "switch": "LANE_SHOPS"},
    "brother": {**RARE, "switch": "LANE_SHOPS"},
}
FAILED = ("failed", "error", 0, 0)
AUDIT = "SELECT actor_kind, actor_label, reason FROM ops_audit_logs WHERE action_type = 'TURN_SWITCH_OFF' AND entity_id = 'LANE_SHOPS' ORDER BY id"


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    # Celery's limits a second and three beyond the time guard, so that nobody waits for twenty.
    with fleet_of(LANES, LANES_LIMITS="[1, 3]") as fleet:
        fleet.worker("celery,notify", beat=True)
        fleet.worker("jobs", processes=2)
        yield fleet


def start(fleet: Fleet, *lanes: str) -> list[int]:
    """A run of each, told through the tick, which sets Celery's limits."""
    runs = [fleet.ask(lane) for lane in lanes]
    fleet.write("UPDATE jobs_run SET sent_at = NULL WHERE id = ANY(%s) AND state = 'queued'", runs)
    return runs


def ended(fleet: Fleet, *runs: int) -> list[tuple[Any, ...]]:
    for run in runs:
        fleet.wait("SELECT ended_at IS NOT NULL FROM jobs_run WHERE id = %s", run)
    return [fleet.facts(run) for run in runs]


def test_job_that_asks_no_deadline_is_cut_off_and_its_worker_lives_on(fleet: Fleet) -> None:
    fleet.plan("deaf", last=20, written="sleep")
    fleet.plan("stubborn", last=20, written="ignore")
    for lane in ("deaf", "stubborn"):
        fleet.turn(lane)
    runs = start(fleet, "deaf", "stubborn")
    deaf, stubborn = fleet.held("deaf", "written"), fleet.held("stubborn", "written")
    assert ended(fleet, *runs) == [("failed", "time_limit", 0, 0), ("interrupted", "lost", 0, 0)]
    # The soft limit leaves the process alone, the hard one kills it; the pool has another.
    assert os.getpgid(deaf) == fleet.processes[1].pid
    fleet.gone(stubborn)
    for lane in ("deaf", "stubborn"):
        fleet.plan(lane, last=20)
    again = start(fleet, "deaf", "stubborn")
    assert ended(fleet, *again) == [("succeeded", "all_done", 2, 20)] * 2
    is_exact(fleet, ["deaf", "stubborn"])


def test_fourth_failure_in_a_row_turns_the_shared_switch_off_once(fleet: Fleet) -> None:
    for lane in ("failing", "brother"):
        fleet.plan(lane, last=20, before="fail")
    fleet.turn("failing")
    for _ in range(3):
        assert ended(fleet, *start(fleet, "failing", "brother")) == [FAILED, FAILED]
    assert fleet.rows(AUDIT) == []
    # Both at once: one of them is the first to turn it off.
    last = ended(fleet, *start(fleet, "failing", "brother"))
    assert FAILED in last
    assert set(last) <= {FAILED, ("refused", "switch_off", 0, 0)}
    assert fleet.one("SELECT is_on FROM switches_switch WHERE name = 'LANE_SHOPS'") is False
    (row,) = fleet.rows(AUDIT)
    assert row[:2] == ("system", "jobs")
    assert row[2].count("EveryItemFailed: RuntimeError: the shop is away") == 4
    assert fleet.run("failing") == ("refused", "switch_off", 0, 0)
    # Whoever turns it on again begins with none: it takes four more.
    fleet.turn("failing")
    for _ in range(3):
        assert ended(fleet, *start(fleet, "failing", "brother")) == [FAILED, FAILED]
    assert fleet.one("SELECT is_on FROM switches_switch WHERE name = 'LANE_SHOPS'") is True
    for lane in ("failing", "brother"):
        fleet.plan(lane, last=20)
    assert ended(fleet, *start(fleet, "failing", "brother")) == [("succeeded", "all_done", 2, 20)] * 2
    assert len(fleet.rows(AUDIT)) == 1
    is_exact(fleet, ["failing", "brother"])

"""The broker and the database go away and come back. No worker and no beat is restarted."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.jobs.fleet import ENDLESS, Fleet, fleet_on, is_exact, slots_are_explained
from tests.live import Servers

pytestmark = pytest.mark.slow
LANES = {"steady": {"lease": 4, "time_guard": 3}, "asked": {"schedule_seconds": 604800}}


@pytest.fixture(scope="module")
def fleet(own_servers: Servers) -> Iterator[Fleet]:
    with fleet_on(own_servers, LANES) as fleet:
        # The tests' servers answer before the log is written, which loses the last commits of a killed server. Real ones don't.
        fleet.write("ALTER SYSTEM SET synchronous_commit = on")
        fleet.write("SELECT pg_reload_conf()")
        fleet.worker("celery,notify,jobs", processes=3)
        fleet.beat()
        yield fleet


@pytest.fixture
def steady(fleet: Fleet) -> Iterator[str]:
    """A lane with work that never ends."""
    fleet.plan("steady", last=ENDLESS, pause=0.02)
    fleet.turn("steady")
    fleet.wait("SELECT cursor::text::int > 20 FROM jobs_lease WHERE job = 'steady'")
    yield "steady"
    fleet.rest("steady")


def goes_on(fleet: Fleet) -> None:
    """New slots, new runs, new effects."""
    newest, run, cursor = fleet.rows(
        "SELECT (SELECT max(due_at) FROM jobs_slot), (SELECT max(id) FROM jobs_run), cursor::text::int FROM jobs_lease WHERE job = 'steady'"
    )[0]
    fleet.wait("SELECT max(due_at) > %s + interval '1 s' FROM jobs_slot WHERE job = 'steady'", newest)
    fleet.wait("SELECT max(id) > %s + 1 FROM jobs_run WHERE job = 'steady' AND items > 0", run)
    fleet.wait("SELECT cursor::text::int > %s + 20 FROM jobs_lease WHERE job = 'steady'", cursor)


def all_is_well(fleet: Fleet) -> None:
    goes_on(fleet)
    fleet.rest("steady")
    is_exact(fleet, ["steady"])
    slots_are_explained(fleet)
    # The same processes as at the start.
    assert [process.poll() for process in fleet.processes] == [None, None]


def test_broker_away_loses_nothing_and_ends_no_worker(own_servers: Servers, fleet: Fleet, steady: str) -> None:
    worker, beat = fleet.processes
    fleet.plan("asked", last=30)
    fleet.turn("asked")
    # A task is at work: its message can be neither acknowledged nor handed back.
    fleet.plan(steady, last=ENDLESS, pause=0.02, fetch="hold")
    fleet.held(steady, "fetch")
    own_servers.valkey.stop()
    try:
        # Its message was sent a while ago, and died with the broker.
        run = fleet.ask("asked")
        fleet.write("UPDATE jobs_run SET sent_at = sent_at - interval '2 minutes' WHERE id = %s", run)
        fleet.said(worker, "Connection to broker lost")
        fleet.said(beat, "Message Error")
        fleet.plan(steady, last=ENDLESS, pause=0.02)
    finally:
        own_servers.valkey.start()
    fleet.wait("SELECT state = 'succeeded' FROM jobs_run WHERE id = %s", run)
    # Runs that waited in the broker are told of again after a minute; here it is over.
    fleet.write("UPDATE jobs_run SET sent_at = sent_at - interval '2 minutes' WHERE state = 'queued'")
    assert fleet.facts(run) == ("succeeded", "all_done", 3, 30)
    all_is_well(fleet)


@pytest.mark.parametrize("way", ["stopped", "killed"])
def test_database_away_in_mid_run_interrupts_it_and_the_next_goes_on(own_servers: Servers, fleet: Fleet, steady: str, way: str) -> None:
    fleet.plan(steady, last=ENDLESS, pause=0.02, written="hold")
    fleet.held(steady, "written")
    run = fleet.one("SELECT id FROM jobs_run WHERE job = 'steady' AND state = 'running'")
    if way == "killed":
        os.kill(own_servers.postgres.process() or 0, signal.SIGKILL)
    else:
        own_servers.postgres.stop()
    try:
        fleet.plan(steady, last=ENDLESS, pause=0.02)
        fleet.said(fleet.processes[0], f'"run": {run}, "items"')
    finally:
        own_servers.postgres.start()
    fleet.wait("SELECT state = 'interrupted' FROM jobs_run WHERE id = %s", run)
    all_is_well(fleet)

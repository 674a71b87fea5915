"""Celery's workers and beats of one test file, on a database and a broker of their own."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from celery import Celery

from opsportal import embedded
from tests.jobs.lanes import TABLES
from tests.live import LivePortal, Servers, drop_database, new_database
from tests.servers import remove, throwaway_folder

# Seconds. Also for the start of Python on a machine that has much else to do.
PATIENCE = 120
ENDLESS = 10**9
Process = subprocess.Popen[bytes]
Lanes = Mapping[str, Mapping[str, Any]]


class Fleet:
    """`lanes`: name → what differs from Lane. Each has a switch of its own unless it names one; they are off at first. End it."""

    def __init__(self, portal: LivePortal, **lanes: Mapping[str, Any]) -> None:
        self.portal = portal
        self.lanes = {name: {"switch": f"LANE_{name.upper().replace('-', '_')}", **lane} for name, lane in lanes.items()}
        self.folder = throwaway_folder()
        self.processes: list[Process] = []
        portal.environment["LANES"] = str(self.folder)
        (self.folder / "lanes.json").write_text(json.dumps(self.lanes))
        self.write(TABLES)
        for name in lanes:
            self.plan(name)
            self.write(
                "INSERT INTO switches_switch (name, description, is_on) VALUES (%s, 'a lane', false) ON CONFLICT DO NOTHING", self.switch(name)
            )

    def worker(self, queues: str, *, processes: int = 1, beat: bool = False) -> Process:
        """Like the Procfile's. `beat`: with a beat inside, which spares a start."""
        options = ["-Q", queues, "-c", str(processes), "-n", f"{len(self.processes)}@%h", "--include", "tests.jobs.lanes", *(["-B"] if beat else [])]
        return self._spawn("worker", *options, "--without-mingle", "--without-gossip", "--loglevel", "INFO")

    def beat(self) -> Process:
        return self._spawn("beat", "--loglevel", "INFO")

    def _spawn(self, *arguments: str) -> Process:
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            self.processes.append(self.portal.spawn("-m", "celery", "-A", "opsportal", *arguments, output=log))
        return self.processes[-1]

    def log(self, process: Process) -> str:
        return (self.folder / f"{self.processes.index(process)}.log").read_text(errors="replace")

    def kill(self, worker: str, number: int = signal.SIGKILL) -> int:
        """Send the signal to the process that a run names, if it is one of ours and lives. Returns its id, or 0."""
        pid = int(worker.rpartition(":")[2])
        with suppress(ProcessLookupError):
            if os.getpgid(pid) in {process.pid for process in self.processes}:
                os.kill(pid, number)
                return pid
        return 0

    def gone(self, pid: int) -> None:
        """Wait for the process's end."""
        deadline = time.monotonic() + PATIENCE
        while Path(f"/proc/{pid}").exists():
            if time.monotonic() > deadline:
                self._give_up(f"{pid} does not end")
            time.sleep(0.05)

    def end(self) -> None:
        """Kill all of it, stopped and orphaned processes as well."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        remove(self.folder)

    def finish(self) -> None:
        """End the beats and the workers as a deploy does: each ends what it has begun."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self.processes:
            process.wait(PATIENCE)

    def plan(self, lane: str, **plan: Any) -> None:
        """`last`; `pause`: seconds at each stage; fetch, before, written: hold, fail, sleep or ignore."""
        new = self.folder / f"{lane}.new"
        new.write_text(json.dumps(plan))
        new.rename(self.folder / f"{lane}.plan")

    def held(self, lane: str, stage: str) -> int:
        """Wait until the lane holds there. Returns the process."""
        marker = self.folder / f"{lane}.{stage}"
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(OSError, ValueError):
                pid = int(marker.read_text())
                marker.unlink()
                return pid
            time.sleep(0.02)
        self._give_up(f"{lane} does not come to {stage}")

    def turn(self, lane: str, is_on: bool = True) -> None:
        self.write("UPDATE switches_switch SET is_on = %s WHERE name = %s", is_on, self.switch(lane))

    def switch(self, lane: str) -> str:
        return str(self.lanes[lane]["switch"])

    def rest(self, lane: str) -> None:
        """Turn it off, and wait until nothing of it runs."""
        self.turn(lane, False)
        self.wait("SELECT count(*) = 0 FROM jobs_run WHERE job = %s AND state IN ('queued', 'running')", lane)

    def ask(self, lane: str) -> int:
        """A run that waits; nobody is told of it by this."""
        self.wait("SELECT count(*) > 0 FROM jobs_lease WHERE job = %s", lane)
        columns = "job, state, trigger, actor_kind, actor_id, actor_label, ended_because, error, worker, stop_asked_by, sent_at"
        values = "'queued', 'command', 'system', '', 'tests', '', '', '', '', clock_timestamp()"
        return int(self.one(f"INSERT INTO jobs_run ({columns}) VALUES (%s, {values}) RETURNING id", lane))

    def send(self, task: str, *values: Any, queue: str) -> str:
        """Returns the message's id, for carried()."""
        with Celery("tests", broker=self.portal.environment["REDIS_URL"], set_as_current=False) as celery:
            return str(celery.send_task(task, values, queue=queue).id)

    def run(self, lane: str) -> tuple[Any, ...]:
        """Ask for a run, tell Celery, and wait for its end. Returns (state, ended because, batches, items)."""
        run_id = self.ask(lane)
        self.send("jobs.tasks.run", run_id, queue="jobs")
        self.wait("SELECT ended_at IS NOT NULL FROM jobs_run WHERE id = %s", run_id)
        return self.facts(run_id)

    def facts(self, run_id: int) -> tuple[Any, ...]:
        return self.rows("SELECT state, ended_because, batches, items FROM jobs_run WHERE id = %s", run_id)[0]

    def said(self, process: Process, text: str) -> None:
        """Wait for the text in the process's log."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if text in self.log(process):
                return
            time.sleep(0.05)
        self._give_up(f"never said: {text}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.portal.connect(autocommit=True) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def one(self, sql: str, *values: Any) -> Any:
        return self.rows(sql, *values)[0][0]

    def write(self, sql: str, *values: Any) -> None:
        with self.portal.connect(autocommit=True) as connection:
            connection.execute(sql.encode(), values or None)

    def wait(self, sql: str, *values: Any, seconds: float = PATIENCE) -> Any:
        """Until the query's first value is true. A database that is away is waited for as well."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                if (found := self.rows(sql, *values)) and found[0][0]:
                    return found[0][0]
            time.sleep(0.05)
        self._give_up(f"never true: {sql} {values}")

    def carried(self, text: str) -> None:
        """Wait until a message was carried out: its id, or a task's name with who sent it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if (self.folder / "carried").exists() and text in (self.folder / "carried").read_text():
                return
            time.sleep(0.05)
        self._give_up(f"not carried out: {text}")

    def ticks_of(self, beat: Process) -> int:
        """How many of its messages were carried out."""
        lines = (self.folder / "carried").read_text().splitlines()
        return sum(line.startswith("jobs.tasks.tick ") and f" gen{beat.pid}@" in line for line in lines)

    def _give_up(self, why: str) -> NoReturn:
        logs = [f"--- {process.args!r}\n{self.log(process)[-3000:]}" for process in self.processes]
        runs = self.rows("SELECT id, job, state, ended_because, batches, items, token, worker, error FROM jobs_run ORDER BY id DESC LIMIT 20")
        pytest.fail("\n".join([why, *map(str, runs), *logs]))

    def effects(self, lane: str) -> list[int]:
        return [row[0] for row in self.rows("SELECT number FROM lane_effect WHERE job = %s ORDER BY id", lane)]


def is_exact(fleet: Fleet, lanes: Sequence[str] | None = None) -> None:
    """What must hold of every lane, whatever happened: nothing twice, nothing left out, nobody wrote after a successor."""
    for lane in lanes or fleet.lanes:
        effects = fleet.effects(lane)
        assert effects == list(range(1, len(effects) + 1)), lane
        assert fleet.one("SELECT cursor FROM jobs_lease WHERE job = %s", lane) == (len(effects) or None)
        tokens = [row[0] for row in fleet.rows("SELECT token FROM lane_effect WHERE job = %s ORDER BY id", lane)]
        assert tokens == sorted(tokens)
        overlapping = fleet.rows(
            "SELECT a.id, b.id FROM jobs_run a JOIN jobs_run b ON b.job = a.job AND b.token > a.token"
            " WHERE a.job = %s AND b.started_at < a.ended_at AND a.ended_because <> 'lost'",
            lane,
        )
        assert overlapping == []


def slots_are_explained(fleet: Fleet) -> None:
    """Every due time is there once, and each slot has its own run or a reason."""
    for lane in (lane for lane, options in fleet.lanes.items() if "schedule_seconds" not in options):
        due, first, last = fleet.rows("SELECT count(*), min(due_at), max(due_at) FROM jobs_slot WHERE job = %s", lane)[0]
        assert due == (last - first).total_seconds() + 1
    assert fleet.rows("SELECT job, due_at FROM jobs_slot GROUP BY 1, 2 HAVING count(*) > 1") == []
    assert fleet.rows("SELECT job, due_at FROM jobs_run WHERE trigger = 'schedule' GROUP BY 1, 2 HAVING count(*) > 1") == []
    without = "SELECT s.job, s.due_at FROM jobs_slot s LEFT JOIN jobs_run r ON r.id = s.run_id AND r.job = s.job AND r.due_at = s.due_at"
    assert fleet.rows(f"{without} WHERE (r.id IS NULL OR r.state = 'refused') <> (s.reason <> '')") == []


@contextmanager
def fleet_of(lanes: Lanes, **environment: Any) -> Iterator[Fleet]:
    """On a database copied from the run's template, and a Valkey of its own."""
    var = throwaway_folder()
    embedded.hold(var, kinds=(embedded.Valkey,))
    _postgres, valkey = embedded.servers(var)
    portal = LivePortal(database=new_database(), redis=valkey.url(), var=var, OPS_TICK_SECONDS="1", **environment)
    fleet = Fleet(portal, **lanes)
    try:
        yield fleet
    finally:
        fleet.end()
        drop_database(portal.database)
        embedded.stop_if_last(var)
        remove(var)


@contextmanager
def fleet_on(servers: Servers, lanes: Lanes) -> Iterator[Fleet]:
    """On servers that the test stops and starts."""
    fleet = Fleet(servers.portal(OPS_TICK_SECONDS="1"), **lanes)
    try:
        yield fleet
    finally:
        fleet.end()

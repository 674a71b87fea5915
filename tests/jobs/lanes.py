"""Jobs for real workers: `celery worker --include tests.jobs.lanes`, with LANES naming the folder of tests/jobs/fleet.py.

A lane writes one row for each of its numbers, with the token its lease has then. On its way it comes by three stages: `fetch`,
before its batch's transaction; `before` and `written`, within it. What it does there stands in a file that the test may change.
"""

import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from celery import Task, shared_task
from celery.signals import task_postrun
from django.db import connection

from jobs import registry
from jobs.engine import sending
from jobs.job import Batch, Item, Job
from jobs.schedule import Every

TABLES = """
    CREATE TABLE lane_effect (
        id bigserial PRIMARY KEY, job text NOT NULL, number int NOT NULL, token bigint NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE TABLE lane_note (id bigserial PRIMARY KEY, note text NOT NULL);
"""
_EFFECT = "INSERT INTO lane_effect (job, number, token) SELECT l.job, n, l.token FROM jobs_lease l, unnest(%s::int[]) AS n WHERE l.job = %s"


class Lane(Job):
    """The numbers from 1 to the plan's `last`, which is 0 at first."""

    rewinds = False
    min_interval = 0
    batch_size = 10

    def __init__(self, name: str, folder: Path, schedule_seconds: int = 1, **overrides: Any) -> None:
        self.name = self.title = self.help = name  # type: ignore[misc]
        self.schedule = Every(schedule_seconds)  # type: ignore[misc]
        self.folder = folder
        for attribute, value in overrides.items():
            setattr(self, attribute, value)

    def plan(self) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads((self.folder / f"{self.name}.plan").read_text())
        return plan

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        start = int(cursor or 0) + 1
        return [Item(str(number), number, cursor=number) for number in range(start, min(start + limit, self.plan().get("last", 0) + 1))]

    def fetch(self, batch: Batch) -> Any:
        self._come_by("fetch")

    def process(self, batch: Batch) -> None:
        self._come_by("before")
        with connection.cursor() as cursor:
            cursor.execute(_EFFECT, [[item.value for item in batch.items], self.name])
        self._come_by("written")

    def _come_by(self, stage: str) -> None:
        plan = self.plan()
        time.sleep(plan.get("pause", 0))
        if act := plan.get(stage):
            _ACTS[act](self, stage)

    def hold(self, stage: str) -> None:
        """Say so, and wait until the plan says otherwise."""
        (self.folder / f"{self.name}.{stage}").write_text(str(os.getpid()))
        while self.plan().get(stage) == "hold":
            time.sleep(0.01)

    def fail(self, stage: str) -> None:
        raise RuntimeError("the shop is away")

    def sleep(self, stage: str) -> None:
        """Ask no deadline."""
        (self.folder / f"{self.name}.{stage}").write_text(str(os.getpid()))
        time.sleep(600)

    def ignore(self, stage: str) -> None:
        """Ask no deadline and catch everything."""
        (self.folder / f"{self.name}.{stage}").write_text(str(os.getpid()))
        while True:
            try:
                time.sleep(600)
            except BaseException:  # noqa: S112
                continue


_ACTS: dict[str, Callable[[Lane, str], None]] = {"hold": Lane.hold, "fail": Lane.fail, "sleep": Lane.sleep, "ignore": Lane.ignore}


@shared_task(name="tests.note")
def note(text: str) -> None:
    """Something small that another queue carries."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO lane_note (note) VALUES (%s)", [text])


@task_postrun.connect
def remember(task_id: str, task: Task, **kwargs: Any) -> None:
    """Which message was carried out, and which process had sent it."""
    with (Path(os.environ["LANES"]) / "carried").open("a") as carried:
        carried.write(f"{task.name} {task_id} {task.request.origin}\n")


if _folder := os.environ.get("LANES"):
    for _name, _overrides in json.loads((Path(_folder) / "lanes.json").read_text()).items():
        registry.register(Lane(_name, Path(_folder), **_overrides))
    if _limits := os.environ.get("LANES_LIMITS"):
        sending.SOFT_LIMIT_BEYOND, sending.HARD_LIMIT_BEYOND = json.loads(_limits)

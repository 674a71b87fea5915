"""The ways to do trivial items: the engine's, and the peers'."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import psycopg
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from audit.actors import Actor
from jobs import registry
from jobs.actions import request_run
from jobs.engine.execution import execute
from jobs.engine.standing import ensure_rows
from jobs.engine.tick import tick
from jobs.job import Batch, Item, Job
from jobs.models import Lease, Run, Schedule, Slot, Trigger
from jobs.schedule import Every
from opsportal import clock

BATCH, BATCHES = 100, 10
SYSTEM = Actor.system("bench")


class Effect(models.Model):
    number = models.IntegerField()

    class Meta:
        app_label = "bench"
        db_table = "bench_effect"
        managed = False

    def __str__(self) -> str:
        return str(self.number)


class Trivial(Job):
    """The numbers from 1 to `last`."""

    name = title = help = "trivial"  # type: ignore[assignment]
    switch = "ENABLE_PRICE_TRACKER"
    schedule = Every(7 * 24 * 3600)
    min_interval = 0
    batch_size, max_batches = BATCH, BATCHES
    rewinds = False
    last = 0

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        start = int(cursor or 0) + 1
        return [Item(str(number), number, cursor=number) for number in range(start, min(start + limit, self.last + 1))]

    def process(self, batch: Batch) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_effect (number) SELECT unnest(%s::int[])", [[item.value for item in batch.items]])


TRIVIAL = Trivial()
registry.register(TRIVIAL)
ensure_rows([TRIVIAL])


def engine(items: int) -> float:
    """As many runs as it takes. Returns the seconds from taking a run to its end, which is a worker's part of it."""
    TRIVIAL.last, seconds = items, 0.0
    for _ in range(items // (BATCH * BATCHES)):
        run = request_run(actor=SYSTEM, job=TRIVIAL.name, trigger=Trigger.COMMAND)
        began = time.perf_counter()
        execute(run.pk)
        seconds += time.perf_counter() - began
    return seconds


def engine_asked(items: int) -> None:
    """The same with the asking: the checks, the audit row, the message to Celery."""
    engine(items)


def unnest(items: int) -> None:
    """As short as it can be written in Django: no lease, no cursor, no limits, no figures, no log."""
    for numbers in _batches(items):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM bench_lock WHERE id = 1 FOR UPDATE")
            cursor.execute("INSERT INTO bench_effect (number) SELECT unnest(%s::int[])", [numbers])


def unnest_bare(items: int) -> None:
    """The same without Django."""
    sql = _by_hand()
    for numbers in _batches(items):
        with sql.transaction():
            sql.execute("SELECT id FROM bench_lock WHERE id = 1 FOR UPDATE")
            sql.execute("INSERT INTO bench_effect (number) SELECT unnest(%s::int[])", [numbers])


def save_in_batches(items: int) -> None:
    for numbers in _batches(items):
        with transaction.atomic():
            for number in numbers:
                Effect(number=number).save()


def save_alone(items: int) -> None:
    for number in range(1, items + 1):
        Effect(number=number).save()


def _batches(items: int) -> Iterator[list[int]]:
    return (list(range(start, start + BATCH)) for start in range(1, items + 1, BATCH))


@cache
def _by_hand() -> psycopg.Connection[Any]:
    """Kept, as Django keeps its own."""
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("dbname", "user", "host") if parameters.get(name)}
    return psycopg.connect(**wanted, autocommit=True)


def tick_queries(count: int) -> Iterator[tuple[str, int, int]]:
    """(what, queries, slots): new jobs, then nothing due, then every job due and queued, then every job due and still waiting."""
    for number in range(count - len(registry.all_jobs())):
        registry.register(type("Many", (Trivial,), {"name": f"many-{number}"})())
    for what, due in (("all new", False), ("nothing due", False), ("all due", True), ("all due, none may run", True)):
        if due:
            Schedule.objects.update(every_seconds=60, daily_at=None, min_interval=0, slots_until=clock.now() - timedelta(minutes=3))
            Lease.objects.update(ran_at=None)
            Slot.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            ticked = tick()
        yield what, len(queries), ticked.slots
    Run.objects.filter(state="queued").update(state="refused")

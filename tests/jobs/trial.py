"""A job for tests: it writes one row for each number it is given, so that every effect can be counted."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from jobs.job import Batch, Item, Job
from jobs.schedule import Every

SWITCH = "ENABLE_PRICE_TRACKER"
TABLE = "CREATE TABLE IF NOT EXISTS jobs_trial_effect (id bigserial PRIMARY KEY, number int NOT NULL, run_at timestamptz DEFAULT clock_timestamp())"


class Trial(Job):
    """Does the numbers from 1 to `last`. `hooks` may misbehave."""

    name = "trial"
    title = "Trial"
    help = "Writes numbers."
    switch = SWITCH
    schedule = Every(3600)
    rewinds = False

    def __init__(self, last: int = 250, **overrides: Any) -> None:
        self.last = last
        self.before: Callable[[Batch], None] = lambda batch: None
        self.fetches: Callable[[Batch], Any] = lambda batch: None
        for name, value in overrides.items():
            setattr(self, name, value)

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        start = int(cursor or 0) + 1
        return [Item(str(number), number, cursor=number) for number in range(start, min(start + limit, self.last + 1))]

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        return [Item(key, int(key)) for key in keys if int(key) <= self.last]

    def fetch(self, batch: Batch) -> Any:
        return self.fetches(batch)

    def process(self, batch: Batch) -> None:
        self.before(batch)
        done = [item.value for item in batch.items if item.key not in batch.failed]
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO jobs_trial_effect (number) SELECT unnest(%s::int[])", [done])

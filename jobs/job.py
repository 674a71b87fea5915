"""What a job is. An app declares a subclass and registers one of it; everything else is the engine's."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from django.utils.functional import Promise

from jobs.deadline import Deadline
from jobs.schedule import Schedule

Text = str | Promise


class Item(NamedTuple):
    """One thing to do. `key` names it for people and for a retry; `cursor` (JSON) is where the job stands after it, else the key."""

    key: str
    value: Any = None
    cursor: Any = None

    @property
    def after(self) -> Any:
        return self.key if self.cursor is None else self.cursor


@dataclass(slots=True)
class Batch:
    """What process() is given. `deadline` is the run's: long work asks it; `fetched` is what fetch() returned."""

    items: Sequence[Item]
    deadline: Deadline
    fetched: Any = None
    failed: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    done: int | None = None

    def fail(self, item: Item, error: str) -> None:
        """This item could not be done, and the others could: it is listed with the error, and tried again later."""
        self.failed[item.key] = error

    def log(self, text: str) -> None:
        """A line on the run's page."""
        self.lines.append(text)

    def only(self, done: int) -> None:
        """The first `done` items are done; the time did not suffice for the others, so the next run begins with them."""
        self.done = done


class Job(ABC):
    """A job in batches. The engine holds the lease, the limits, the cursor and the breaker.

    `next_items` reads what follows the cursor; `fetch` may ask the outside world, before the batch's transaction;
    `process` writes, within it. The transaction also checks the fencing token and moves the cursor, so a batch happens once
    or not at all. When process() raises, the batch is done again item by item, each in a savepoint.
    """

    # "price-tracker": on the page, in the address, on the command line.
    name: ClassVar[str]
    title: ClassVar[Text]
    help: ClassVar[Text]
    switch: ClassVar[str]
    # What a new portal begins with; people may edit it.
    schedule: ClassVar[Schedule]
    # Seconds between the starts of two runs; None: the schedule's interval.
    min_interval: ClassVar[int | None] = None
    batch_size: ClassVar[int] = 100
    max_batches: ClassVar[int] = 10
    # Seconds. The guard is less than the lease, so that a run that keeps its time never loses it.
    time_guard: ClassVar[int] = 60
    lease: ClassVar[int] = 90
    queue: ClassVar[str] = "jobs"
    # Whether it begins again at the start when it has come to the end. False: new items are expected behind the last one.
    rewinds: ClassVar[bool] = True

    def begin(self) -> None:  # noqa: B027
        """A run begins in this process: for what its batches share."""

    @abstractmethod
    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        """The next `limit` items after the cursor (None: from the start). Fewer: there is nothing behind them, and the cursor goes back to the start."""

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        """The items of these keys, to try them once more. One that is left out counts as settled."""
        return [Item(key) for key in keys]

    def fetch(self, batch: Batch) -> Any:
        """Ask the outside world about the batch, outside any transaction."""
        return None

    @abstractmethod
    def process(self, batch: Batch) -> None:
        """Do the items, in the batch's transaction. May be called again with a part of them after it has raised."""

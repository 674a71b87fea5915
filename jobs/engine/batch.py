"""One batch is one transaction: it checks the fencing token, does the items, moves the cursor. So it happens once or not at all."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from jobs.deadline import Deadline, DeadlinePassed
from jobs.engine.failed import list_failed, settle
from jobs.engine.lease import Held, LeaseLost
from jobs.engine.wording import LONGEST_LINE, in_words, kept
from jobs.job import Batch, Item
from jobs.registry import MASTER
from opsportal.postgres.prepared import fetch_one
from switches.forced import is_forced_off


class Halted(Exception):
    """The run must not go on: `code` is master_off, switch_off or stopped. The batch it was about to do was not begun."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EveryItemFailed(Exception):
    """Not one item of the batch could be done, so the fault is hardly theirs. The batch was rolled back and the cursor stays."""


# These end the run; every other exception is an item's.
ENDS_THE_RUN = (LeaseLost, Halted, DeadlinePassed, SoftTimeLimitExceeded)

# One statement checks, and writes what the batch will have done if all goes well: most do, and need no other.
_HOLD = """
    WITH held AS (
        UPDATE jobs_lease SET until = clock_timestamp() + make_interval(secs => %(lease)s), heartbeat_at = clock_timestamp(),
            cursor = %(cursor)s::jsonb, batches = batches + 1, items = items + %(items)s
        WHERE job = %(job)s AND token = %(token)s AND until > clock_timestamp() RETURNING run_id, batches),
    written AS (
        INSERT INTO jobs_run_batch (run_id, number, items, failed_items, cursor, lines)
        SELECT run_id, batches, %(items)s, 0, %(cursor)s::jsonb, '[]' FROM held)
    SELECT (SELECT stop_asked_at IS NOT NULL FROM jobs_run WHERE id = run_id),
        ARRAY(SELECT name::text FROM switches_switch WHERE name IN (%(master)s, %(switch)s) AND is_on),
        set_config('statement_timeout', %(statement_ms)s, true), set_config('idle_in_transaction_session_timeout', %(idle_ms)s, true)
    FROM held
"""
_CORRECT = """
    WITH held AS (
        UPDATE jobs_lease SET until = clock_timestamp() + make_interval(secs => %(lease)s), heartbeat_at = clock_timestamp(),
            cursor = %(cursor)s::jsonb, items = items - %(undone)s, failed_items = failed_items + %(failed)s
        WHERE job = %(job)s AND token = %(token)s RETURNING run_id, batches)
    UPDATE jobs_run_batch b SET ended_at = clock_timestamp(), seconds = %(seconds)s, items = b.items - %(undone)s, failed_items = %(failed)s,
        cursor = %(cursor)s::jsonb, lines = %(lines)s::jsonb
    FROM held WHERE b.run_id = held.run_id AND b.number = held.batches RETURNING b.number
"""
# Seconds. Of a batch that is over sooner nobody wants to know how long it took.
QUICK = 0.05
# A statement may outlast the guard a little: then the batch ends by itself, and not in the middle of a commit.
GRACE_SECONDS = 5.0


@dataclass(slots=True)
class Work:
    """A batch on its way. `is_retry`: items that failed before; they leave the cursor where it is."""

    held: Held
    deadline: Deadline
    items: Sequence[Item]
    # Where the job stands now.
    cursor: Any
    # Behind these items there is nothing: the next run begins at the start.
    is_last: bool = False
    is_retry: bool = False
    # Keys that are asked for again and are no longer there.
    gone: Sequence[str] = ()
    failed: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    done: int = 0
    _started: float = field(default_factory=time.monotonic)

    @property
    def is_partial(self) -> bool:
        return self.done < len(self.items)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def carry_out(self) -> None:
        """All at once, or else item by item. Raises what ENDS_THE_RUN, EveryItemFailed, and the database's errors when it is away."""
        batch = Batch(self.items, self.deadline)
        try:
            batch.fetched = self.held.job.fetch(batch) if self.items else None
            with transaction.atomic():
                self._hold()
                if self.items:
                    self.held.job.process(batch)
                self._take_over(batch, len(self.items) if batch.done is None else batch.done)
                self._list()
                self._correct()
        except ENDS_THE_RUN:
            raise
        except Exception as error:
            if is_away():
                raise
            self._one_by_one(error)

    def _one_by_one(self, error: Exception) -> None:
        """One bad item must not sink the others: each is fetched by itself, and processed in a savepoint of its own."""
        self.failed, self.lines, self.done = {}, [f"The batch failed as a whole ({in_words(error)}); its items one by one."], 0
        alone: list[Batch] = []
        for item in self.items:
            if alone and self.deadline.passed:
                break
            alone.append(self._fetched_alone(item))
        with transaction.atomic():
            self._hold()
            for item, batch in zip(self.items, alone, strict=False):
                if self.done and self.deadline.passed:
                    break
                self._do_alone(item, batch)
                if batch.done == 0:
                    break
                self._take_over(batch, self.done + 1)
            if self.done > 1 and len(self.failed) == self.done and not self.is_retry:
                raise EveryItemFailed(in_words(error)) from error
            self._list()
            self._correct()

    def _fetched_alone(self, item: Item) -> Batch:
        batch = Batch([item], self.deadline)
        try:
            batch.fetched = self.held.job.fetch(batch)
        except ENDS_THE_RUN:
            raise
        except Exception as error:
            batch.fail(item, in_words(error))
        return batch

    def _do_alone(self, item: Item, batch: Batch) -> None:
        if item.key not in batch.failed:
            try:
                with transaction.atomic():
                    self.held.job.process(batch)
            except ENDS_THE_RUN:
                raise
            except Exception as error:
                if is_away():
                    raise
                batch.fail(item, in_words(error))

    def _take_over(self, batch: Batch, done: int) -> None:
        """Of the items that were done; what it says of others is left for the run that does them."""
        if batch.failed:
            keys = {item.key for item in self.items[:done]}
            self.failed |= {key: kept(error) for key, error in batch.failed.items() if key in keys}
        self.lines += [kept(line, LONGEST_LINE) for line in batch.lines]
        self.done = done

    def _hold(self) -> None:
        """Lock the lease, if it is still ours, and move it on to behind the items. Raises LeaseLost, Halted."""
        job = self.held.job
        values = {
            **self._values(len(self.items)), "items": len(self.items), "master": MASTER, "switch": job.switch,
            "statement_ms": str(int((self.deadline.left + GRACE_SECONDS) * 1000)), "idle_ms": str(job.lease * 1000),
        }  # fmt: skip
        row = fetch_one(_HOLD, values)
        if row is None:
            raise LeaseLost
        on = {name for name in row[1] if not is_forced_off(name)}
        for code, must_stop in (("master_off", MASTER not in on), ("switch_off", job.switch not in on), ("stopped", row[0])):
            if must_stop:
                raise Halted(code)

    def _list(self) -> None:
        """Which items failed, and which of the failed ones are done now. Raises DeadlinePassed when nothing was done."""
        if self.items and not self.done:
            raise DeadlinePassed("not one item of the batch was done")
        if self.held.has_failed_items:
            settle(self.held, [*self.gone, *(item.key for item in self.items[: self.done] if item.key not in self.failed)])
        list_failed(self.held, self.failed)

    def _correct(self) -> None:
        """Write what turned out otherwise than _HOLD says. Raises LeaseLost."""
        self.cursor = self._after(self.done)
        if self.seconds < QUICK and not (self.is_partial or self.failed or self.lines):
            return
        values = self._values(self.done)
        values |= {
            "undone": len(self.items) - self.done, "failed": len(self.failed), "lines": json.dumps(self.lines[:100]),
            "seconds": round(self.seconds, 3),
        }  # fmt: skip
        if fetch_one(_CORRECT, values) is None:
            raise LeaseLost

    def _values(self, done: int) -> dict[str, Any]:
        job, cursor = self.held.job, self._after(done)
        return {"job": job.name, "token": self.held.token, "lease": job.lease, "cursor": None if cursor is None else json.dumps(cursor)}

    def _after(self, done: int) -> Any:
        """Where the job stands when so many of the items are done."""
        if not done or self.is_retry:
            return self.cursor
        return None if self.is_last and done == len(self.items) else self.items[done - 1].after


def is_away() -> bool:
    """Whether the connection is gone: then the error is the database's and no item's."""
    return connection.connection is None or connection.connection.closed or not connection.is_usable()

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

_HOLD = """
    SELECT l.until > clock_timestamp(), r.stop_asked_at IS NOT NULL,
        ARRAY(SELECT name::text FROM switches_switch WHERE name = ANY(%(switches)s) AND is_on),
        set_config('statement_timeout', %(statement_ms)s, true), set_config('idle_in_transaction_session_timeout', %(idle_ms)s, true)
    FROM jobs_lease l JOIN jobs_run r ON r.id = l.run_id
    WHERE l.job = %(job)s AND l.token = %(token)s FOR NO KEY UPDATE OF l
"""
_NOTE = """
    WITH held AS (
        UPDATE jobs_lease SET until = clock_timestamp() + make_interval(secs => %(lease)s), cursor = %(cursor)s::jsonb
        WHERE job = %(job)s AND token = %(token)s RETURNING run_id),
    counted AS (
        UPDATE jobs_run SET heartbeat_at = clock_timestamp(), batches = batches + 1, items = items + %(items)s,
            failed_items = failed_items + %(failed)s, cursor_after = %(cursor)s::jsonb
        FROM held WHERE id = held.run_id RETURNING id, batches)
    INSERT INTO jobs_run_batch (run_id, number, seconds, items, failed_items, cursor, lines)
    SELECT id, batches, %(seconds)s, %(items)s, %(failed)s, %(cursor)s::jsonb, %(lines)s::jsonb FROM counted RETURNING number
"""
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
                self._note()
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
            self._note()

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
        keys = {item.key for item in self.items[:done]}
        self.failed |= {key: kept(error) for key, error in batch.failed.items() if key in keys}
        self.lines += [kept(line, LONGEST_LINE) for line in batch.lines]
        self.done = done

    def _hold(self) -> None:
        """Lock the lease, if it is still ours. Raises LeaseLost, Halted."""
        job = self.held.job
        row = fetch_one(
            _HOLD,
            {
                "job": job.name, "token": self.held.token, "switches": [MASTER, job.switch],
                "statement_ms": str(int((self.deadline.left + GRACE_SECONDS) * 1000)), "idle_ms": str(job.lease * 1000),
            },
        )  # fmt: skip
        if row is None or not row[0]:
            raise LeaseLost
        on = {name for name in row[2] if not is_forced_off(name)}
        for code, must_stop in (("master_off", MASTER not in on), ("switch_off", job.switch not in on), ("stopped", row[1])):
            if must_stop:
                raise Halted(code)

    def _list(self) -> None:
        """Which items failed, and which of the failed ones are done now. Raises DeadlinePassed when nothing was done."""
        if self.items and not self.done:
            raise DeadlinePassed("not one item of the batch was done")
        settle(self.held, [*self.gone, *(item.key for item in self.items[: self.done] if item.key not in self.failed)])
        list_failed(self.held, self.failed)

    def _note(self) -> None:
        """The cursor, the lease's new end, and the run's figures. Raises LeaseLost."""
        done = self.items[: self.done]
        if done and not self.is_retry:
            self.cursor = None if self.is_last and not self.is_partial else done[-1].after
        values = {
            "job": self.held.job.name, "token": self.held.token, "lease": self.held.job.lease, "seconds": round(self.seconds, 3),
            "items": len(done), "failed": len(self.failed), "cursor": None if self.cursor is None else json.dumps(self.cursor),
            "lines": json.dumps(self.lines[:100]),
        }  # fmt: skip
        if fetch_one(_NOTE, values) is None:
            raise LeaseLost


def is_away() -> bool:
    """Whether the connection is gone: then the error is the database's and no item's."""
    return connection.connection is None or connection.connection.closed or not connection.is_usable()

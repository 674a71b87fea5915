"""A run from its claim to its end."""

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, connection

from jobs.deadline import Deadline, DeadlinePassed
from jobs.engine.batch import Halted, Work, is_away
from jobs.engine.ending import Ended, end
from jobs.engine.failed import due_keys
from jobs.engine.lease import Held, LeaseLost, claim
from jobs.engine.wording import in_words, kept
from jobs.job import Item
from jobs.models import State

log = structlog.get_logger("jobs")
plain = logging.getLogger("jobs")


class NothingDone(Exception):
    """The time guard passed before the first batch was done; with the next run it would again."""


def execute(run_id: int) -> None:
    """Claim the waiting run and carry it out in this process. Nothing happens when it is not waiting any more, or may not run."""
    held = claim(run_id)
    if held is not None:
        Execution(held).go()


@dataclass(slots=True)
class Execution:
    held: Held
    deadline: Deadline = field(init=False)
    cursor: Any = field(init=False)
    number: int = 0
    items: int = 0
    failed: int = 0
    # Of the items that were new to this run: a retried item says nothing about the job.
    fresh: int = 0
    fresh_failed: int = 0

    def __post_init__(self) -> None:
        self.deadline = Deadline(self.held.job.time_guard)
        self.cursor = self.held.cursor

    def go(self) -> None:
        """Raises nothing but what ends the process; the run says how it went."""
        self._log("start", cursor=self.cursor, fencing=self.held.token, trigger=self.held.run.trigger)
        ended = self._ended()
        try:
            end(self.held, ended)
        except LeaseLost:
            ended = Ended(State.INTERRUPTED, "lease_lost")
        except (DatabaseError, InterfaceError) as error:
            # The reaper will find it.
            ended = Ended(State.INTERRUPTED, "database_away", in_words(error))
        self._log("end", state=str(ended.state), because=ended.because, error=ended.error.partition("\n")[0], seconds=round(self.deadline.elapsed, 2))

    def _ended(self) -> Ended:
        try:
            because = self._batches()
        except (KeyboardInterrupt, SystemExit):
            connection.close()
            with suppress(LeaseLost, DatabaseError, InterfaceError):
                end(self.held, Ended(State.INTERRUPTED, "worker_stopped"))
            raise
        except Exception as error:
            return self._ended_by(error)
        if self.fresh and self.fresh_failed == self.fresh:
            return Ended(State.FAILED, "every_item_failed", f"Not one of {self.fresh} items could be done.")
        if self.fresh or not self.failed:
            return Ended(State.SUCCEEDED, because)
        if self.held.run.again_id is not None and self.failed == self.items:
            return Ended(State.FAILED, "every_item_failed", f"Not one of {self.items} items could be done.", tells=False)
        return Ended(State.SUCCEEDED, because, tells=False)

    def _ended_by(self, error: Exception) -> Ended:
        if isinstance(error, Halted):
            return Ended(State.STOPPED, error.code)
        if isinstance(error, LeaseLost):
            return Ended(State.INTERRUPTED, "lease_lost")
        if isinstance(error, SoftTimeLimitExceeded):
            # Python came back in the middle of something; the connection may still be waiting for an answer.
            connection.close()
            return Ended(
                State.FAILED, "time_limit", f"It went on for {self.deadline.elapsed:.0f} s, with a time guard of {self.held.job.time_guard} s."
            )
        if isinstance(error, DatabaseError | InterfaceError) and is_away():
            connection.close()
            return Ended(State.INTERRUPTED, "database_away", in_words(error))
        log.error("[JOB] error", job=self.held.job.name, run=self.held.run.pk, exc_info=error)
        said = "".join(traceback.format_exception(error, limit=-5))
        return Ended(State.FAILED, "error", kept(f"{in_words(error)}\n\n{said}", 8000))

    def _batches(self) -> str:
        """Do batches until nothing is left, or a limit is met. Returns which: all_done, max_batches, time_guard."""
        self.held.job.begin()
        try:
            for work in self._works():
                work.carry_out()
                self._count(work)
                if work.is_partial or self.deadline.passed:
                    return "time_guard"
                if self.number == self.held.job.max_batches:
                    return "all_done" if work.is_last else "max_batches"
        except DeadlinePassed:
            if not self.number:
                raise NothingDone(f"Not one batch was done within {self.held.job.time_guard} s.") from None
            return "time_guard"
        return "all_done"

    def _works(self) -> Iterator[Work]:
        while keys := due_keys(self.held, self.held.job.batch_size):
            found = self.held.job.again(keys)
            gone = set(keys) - {item.key for item in found}
            yield Work(self.held, self.deadline, found, self.cursor, is_retry=True, gone=sorted(gone))
            if self.held.run.again_id is None:
                break
        if self.held.run.again_id is not None:
            return
        while items := self._next_items():
            is_last = len(items) < self.held.job.batch_size
            yield Work(self.held, self.deadline, items, self.cursor, is_last=is_last and self.held.job.rewinds)
            if is_last:
                return

    def _next_items(self) -> Sequence[Item]:
        job = self.held.job
        items = job.next_items(self.cursor, job.batch_size)[: job.batch_size]
        if not items and self.cursor is not None and job.rewinds and not self.fresh:
            # The last run ended exactly at the end.
            self.cursor = None
            items = job.next_items(None, job.batch_size)[: job.batch_size]
        if long := [item.key for item in items if len(item.key) > 200]:
            raise ValueError(f"An item's key has 200 characters at most: {long[0][:250]}")
        return items

    def _count(self, work: Work) -> None:
        self.number, self.cursor = self.number + 1, work.cursor
        self.items, self.failed = self.items + work.done, self.failed + len(work.failed)
        if not work.is_retry:
            self.fresh, self.fresh_failed = self.fresh + work.done, self.fresh_failed + len(work.failed)
        self._log(
            "batch", batch=self.number, batch_items=work.done, batch_failed=len(work.failed), batch_seconds=round(work.seconds, 3), cursor=work.cursor
        )

    def _log(self, event: str, **facts: Any) -> None:
        if not plain.isEnabledFor(logging.INFO):
            return
        log.info(f"[JOB] {event}", job=self.held.job.name, run=self.held.run.pk, items=self.items, failed=self.failed, **facts)

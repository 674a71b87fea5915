"""The portal's own jobs. Two are on the tick's queue and not behind slow ones. A job runs once at a time: of that queue's four
processes they take two at most."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.actions import seal_rows
from audit.actors import Actor
from audit.queries import last_seal
from audit.verifying import Report, verify
from jobs.job import Batch, Item, Job
from jobs.schedule import Daily, Every
from jobs.sweeps import all_sweeps

SYSTEM = Actor.system("jobs")


class SealAuditLog(Job):
    """Half of the 60 seconds within which every committed row has its seal."""

    name = "seal-audit-log"
    title = _("Seal the audit log")
    help = _("Puts every audit row that no seal covers yet into the next seal, so that no row can be changed or removed without being found out.")
    switch = "ENABLE_AUDIT_SEAL"
    schedule = Every(30)
    # The audit has seals to show, so a missed second is not worth a run's refusal.
    min_interval = 0
    queue = "celery"

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        return [Item("rows")]

    def process(self, batch: Batch) -> None:
        done = seal_rows(actor=SYSTEM, seconds=batch.deadline.left / 3)
        if done.numbers:
            batch.log(f"{done.rows} rows in seals #{done.numbers[0]} to #{done.numbers[-1]}.")
        if done.busy:
            batch.log("Another sealer was at it.")


SEALS_AT_ONCE = 100
FINDINGS_SAID = 5


class VerifyAuditLog(Job):
    """A part of the chain is an item: one that is not as it was sealed stays listed, and keeps nobody from checking the others."""

    name = "verify-audit-log"
    title = _("Verify the audit log")
    help = _(
        "Checks once a day that every row of the audit log is as it was sealed, from the first seal on. A long log is checked over several runs."
    )
    switch = "ENABLE_AUDIT_VERIFY"
    schedule = Daily(time(3, 30))
    min_interval = 0
    batch_size = 2
    max_batches = 1000

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        """`limit` parts; at the end of the chain always fewer, the last one longer if need be: then the next run begins at the first seal."""
        last = last_seal()
        end = last.number + 1 if last else 1
        begins = list(range((cursor or 0) + 1, end, SEALS_AT_ONCE))[: limit + 1]
        if len(begins) == limit:
            begins.pop()
        return [Item(f"#{begin}", after - 1, after - 1) for begin, after in zip(begins, [*begins[1:], end], strict=True)][:limit]

    def process(self, batch: Batch) -> None:
        for place, item in enumerate(batch.items):
            begin = int(item.key[1:])
            report = verify(since=begin, until=item.value or begin + 2 * SEALS_AT_ONCE - 1, seconds=batch.deadline.left)
            if not report.complete:
                batch.only(place)
                return
            batch.log(f"Seals #{begin} to #{report.last}: {report.rows} rows, {report.found} findings.")
            if not report.is_clean:
                batch.fail(item, _in_words(report))


def _in_words(report: Report) -> str:
    more = report.found - FINDINGS_SAID
    said = " ".join(finding.words for finding in report.findings[:FINDINGS_SAID])
    return f"NOT as it was sealed. {said}" + (f" And {more} findings more: manage.py verify_audit names them." if more > 0 else "")


class Sweep(Job):
    """What Celery missed, and what has been kept long enough: every app registers its part (jobs/sweeps.py)."""

    name = "sweep"
    title = _("Sweep")
    help = _("Finds what a lost message left undone, and removes what has been kept long enough.")
    switch = "ENABLE_SWEEP"
    schedule = Every(60)
    min_interval = 0
    queue = "celery"
    # Each part is a transaction of its own: what one locks is free again before the next begins.
    batch_size = 1
    max_batches = 50

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        return [Item(sweep.name, sweep.part) for sweep in all_sweeps() if cursor is None or sweep.name > cursor][:limit]

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        """None: each run does all of them anyway."""
        return []

    def process(self, batch: Batch) -> None:
        for item in batch.items:
            if count := item.value(batch.deadline):
                batch.log(f"{item.key}: {count}")

"""The portal's own two jobs, on the tick's queue and not behind slow ones. A job runs once at a time: of that queue's four
processes they take two at most."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.actions import seal_rows
from audit.actors import Actor
from jobs.job import Batch, Item, Job
from jobs.schedule import Every
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

"""Looking at what is due, every minute."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from health.models import Probe
from health.probing.looking import Outcome, look_at_all
from health.probing.planning import plan_of
from health.probing.writing import write_outcome
from jobs.job import Batch, Item, Job
from jobs.schedule import Every
from opsportal import clock


class Probes(Job):
    """All that are due are one batch, looked at at once: a server that hangs costs its own time limit and nobody else's.

    No cursor is needed: what was looked at is not due any more.
    """

    name = "probes"
    title = _("Probes")
    help = _("Looks at the addresses of the probes that are due, and keeps how long each took and whether it answered as expected.")
    switch = "ENABLE_PROBES"
    schedule = Every(60)
    min_interval = 0
    max_batches = 2
    rewinds = False

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        due = Probe.objects.filter(due_at__lte=clock.now()).order_by("due_at", "pk").prefetch_related("steps")
        return [Item(str(probe.pk), plan_of(probe), cursor=0) for probe in due[:limit]]

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        """None: each is looked at again when it is due."""
        return []

    def fetch(self, batch: Batch) -> dict[int, Outcome]:
        return look_at_all(item.value for item in batch.items)

    def process(self, batch: Batch) -> None:
        failed = 0
        for item in batch.items:
            outcome = batch.fetched[item.value.probe_id]
            result = write_outcome(item.value.probe_id, item.value.turn, outcome)
            failed += result is not None and not result.ok
        if failed:
            batch.log(f"{failed} of {len(batch.items)} did not answer as expected.")

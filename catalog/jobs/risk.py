from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from catalog.models import Offer, Status
from catalog.queries.risk import SWITCH
from catalog.risk.writing import Move, calculate
from jobs.job import Batch, Item, Job
from jobs.schedule import Every

# Between two looks at the clock.
STEP = 250


class AntiCilada(Job):
    """Every active offer in turn, by number. Most were calculated when they changed; but a risk also changes by time alone."""

    name = "anti-cilada"
    title = _("Anti-cilada")
    help = _("Calculates the risk of every active offer from its price history, and puts each in its bucket.")
    switch = SWITCH
    schedule = Every(3600)
    # A person may start it in between.
    min_interval = 60
    batch_size = 500
    # More than the time guard leaves room for: it goes on where it stood.
    max_batches = 400

    def next_items(self, cursor: Any, limit: int) -> Sequence[Item]:
        active = Offer.objects.filter(status=Status.ACTIVE, pk__gt=int(cursor or 0)).order_by("pk")
        return [Item(str(number), number, cursor=number) for number in active.values_list("pk", flat=True)[:limit]]

    def again(self, keys: Sequence[str]) -> Sequence[Item]:
        found = Offer.objects.filter(status=Status.ACTIVE, pk__in=[int(key) for key in keys]).order_by("pk")
        return [Item(str(number), number) for number in found.values_list("pk", flat=True)]

    def process(self, batch: Batch) -> None:
        moves: Counter[Move] = Counter()
        for start in range(0, len(batch.items), STEP):
            if start and batch.deadline.passed:
                batch.only(start)
                break
            moves += calculate([item.value for item in batch.items[start : start + STEP]])
        moved = [f"{count} {before} → {after}" for (before, after), count in sorted(moves.items()) if before != after]
        if moved:
            batch.log(f"Buckets: {', '.join(moved)}.")

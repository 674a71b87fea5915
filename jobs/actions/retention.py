from datetime import timedelta

from django.db import transaction

from audit.actions import record
from audit.actors import Actor
from jobs.action_types import JobAction
from jobs.models import ACTIVE, FailedItem, ItemState, Lease, Run, RunBatch, Slot
from opsportal import clock

KEPT = timedelta(days=30)
MOST_REMOVED = 5000


@transaction.atomic
def purge_runs(*, actor: Actor, limit: int = MOST_REMOVED) -> int:
    """Remove slots and runs of more than 30 days ago, oldest first, with their batches and settled items.

    Runs whose failed items still wait stay. Returns how many runs and slots; leaves no audit row where there was nothing to remove.
    """
    before = clock.now() - KEPT
    slots = Slot.objects.filter(due_at__lt=before).exclude(run__state__in=ACTIVE).order_by("due_at").values_list("pk", flat=True)[:limit]
    removed, _by_model = Slot.objects.filter(pk__in=list(slots)).delete()
    runs = _old_runs(before, limit)
    FailedItem.objects.filter(run__in=runs).delete()
    RunBatch.objects.filter(run__in=runs).delete()
    Run.objects.filter(pk__in=runs).delete()
    removed += len(runs)
    if removed:
        record(actor=actor, action_type=JobAction.PURGE_RUNS, entity_type="job", changes={"runs_and_slots": (removed, 0)})
    return removed


def _old_runs(before: object, limit: int) -> list[int]:
    """Ended, without a slot that is kept, a lease, an open item, or a run that does its items again."""
    kept = Run.objects.filter(created_at__lt=before).exclude(state__in=ACTIVE).filter(slot=None, reruns=None)
    kept = kept.exclude(pk__in=FailedItem.objects.exclude(state=ItemState.SETTLED).values("run")).exclude(
        pk__in=Lease.objects.exclude(run=None).values("run")
    )
    return list(kept.order_by("created_at").values_list("pk", flat=True)[:limit])

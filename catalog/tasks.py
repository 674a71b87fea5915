"""What Celery carries. Ids in, one call out; everything is safe to deliver twice."""

from celery import shared_task
from django.db.models import Q

from catalog.models import Import
from catalog.transfer.applying import carry_out
from catalog.transfer.reading import SILENT, read_import
from opsportal import broker, clock

# In these a worker has something to do.
OWED = (Import.State.READING, Import.State.APPLYING, Import.State.UNDOING)
MOST_AT_ONCE = 100


@shared_task
def work_on_import(import_id: int) -> None:
    """Whatever is owed to it now: reading, applying or undoing. Any number of these may run: one does it."""
    if not read_import(import_id):
        carry_out(import_id)


def requeue_imports() -> int:
    """Send again what a lost message or a lost worker left undone. One message too many does nothing. Returns how many were sent."""
    owed = Import.objects.filter(Q(heartbeat_at=None) | Q(heartbeat_at__lt=clock.now() - SILENT), state__in=OWED)
    numbers = list(owed.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(broker.send(work_on_import, number) for number in numbers)

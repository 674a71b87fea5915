from django.db.models import QuerySet

from jobs.models import Slot


def slots_of(job: str, *, not_run: bool = False) -> QuerySet[Slot]:
    """A job's slots; with `not_run` only those with a reason. For keyset pages by (due_at, id)."""
    found = Slot.objects.filter(job=job).select_related("run")
    return found.exclude(reason="") if not_run else found

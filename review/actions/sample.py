from datetime import timedelta

from django.db import transaction

from audit.actions import record
from audit.actors import Actor
from opsportal import clock
from review.action_types import ReviewAction
from review.models import Sample

KEPT = timedelta(days=90)
MOST_REMOVED = 5000


@transaction.atomic
def purge_samples(*, actor: Actor, limit: int = MOST_REMOVED) -> int:
    """Remove the oldest figures that are more than 90 days old. Returns how many; leaves no audit row where there was nothing to remove."""
    old = Sample.objects.filter(at__lt=clock.now() - KEPT).order_by("at").values_list("pk", flat=True)
    removed, _of = Sample.objects.filter(pk__in=list(old[:limit])).delete()
    if removed:
        record(actor=actor, action_type=ReviewAction.PURGE_SAMPLES, entity_type="review_sample", changes={"samples": (removed, 0)})
    return removed

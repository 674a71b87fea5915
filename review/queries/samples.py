"""What the samples say of a review that nobody did."""

from datetime import timedelta

from review.models import Sample
from review.status import Standing


def samples_at(standing: Standing) -> dict[str, Sample]:
    """By key: the first sample of each line from the review's hour on, within six hours. One query."""
    found = Sample.objects.filter(at__gte=standing.at, at__lt=standing.at + timedelta(hours=6)).order_by("key", "at").distinct("key")
    return {sample.key: sample for sample in found}

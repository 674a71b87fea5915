"""What Celery carries. Ids in, one call out; everything is safe to deliver twice."""

from celery import shared_task

from billing.processing.working import process_told


@shared_task
def process_events(event_pks: list[int], answer_ms: list[int | None] | None = None) -> None:
    """Work on webhook events, one after another. `answer_ms`: how long each one's answer took, where that is known."""
    process_told(event_pks, answer_ms or [None] * len(event_pks))

"""What Celery carries. Ids in, one call out; everything is safe to deliver twice."""

from celery import shared_task

from jobs.engine.execution import execute
from jobs.engine.tick import tick as make_slots


@shared_task
def tick() -> None:
    make_slots()


@shared_task
def run(run_id: int) -> None:
    execute(run_id)

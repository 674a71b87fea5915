"""What the sweep does about reviews."""

from audit.actors import Actor
from jobs.deadline import Deadline
from jobs.sweeps import register_sweep
from review.actions.call import escalate_review, remind_of_review
from review.actions.sample import purge_samples
from review.models import Kind

SYSTEM = Actor.system("sweep")


def register() -> None:
    register_sweep("calls for reviews", call_for_reviews)
    register_sweep("old figures of reviews", purge)


def call_for_reviews(deadline: Deadline) -> int:
    """Each minute. Returns how many reminders and escalations went out."""
    calls = [call(actor=SYSTEM, kind=kind) for kind in Kind.values for call in (remind_of_review, escalate_review)]
    return sum(call is not None for call in calls)


def purge(deadline: Deadline) -> int:
    return purge_samples(actor=SYSTEM)

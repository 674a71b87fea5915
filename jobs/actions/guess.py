from django.db import transaction

from audit.actions import record
from audit.actors import Actor
from jobs.action_types import JobAction


@transaction.atomic
def report_guessing(*, actor: Actor, address: str, tries: int, seconds: int) -> None:
    """Somebody tries secrets for starting jobs. The caller sees to it that a flood of tries is not a flood of rows."""
    changes = {"wrong_tries": (None, tries), "within_seconds": (None, seconds)}
    record(actor=actor, action_type=JobAction.HOLD_BACK_GUESSES, entity_type="address", entity_id=address, entity_label=address, changes=changes)

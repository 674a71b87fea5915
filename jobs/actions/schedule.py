from datetime import time

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from jobs import registry
from jobs.action_types import JobAction
from jobs.engine.standing import ensure_rows
from jobs.models import Schedule
from opsportal import clock
from opsportal.errors import Conflict, Invalid

LONGEST = 7 * 24 * 3600


@transaction.atomic
def change_schedule(
    *,
    actor: Actor,
    job: str,
    reason: str,
    min_interval: int,
    every_seconds: int | None = None,
    daily_at: time | None = None,
    was: Schedule | None = None,
) -> Schedule:
    """Either every so many seconds or daily at a time of the team's clock. Slots count from now on; none is made up for the past.

    `was` is what the editor saw: Conflict when somebody changed it since. Also raises Invalid, NotFound, Conflict when nothing changes.
    """
    reason = _checked(reason, every_seconds, daily_at, min_interval)
    ensure_rows([registry.get(job)])
    schedule = Schedule.objects.select_for_update(no_key=True).get(pk=job)
    if was is not None and _values(was) != _values(schedule):
        raise Conflict(_("Somebody changed this schedule meanwhile. Look at it again."), code="changed_meanwhile")
    new = {"every_seconds": every_seconds, "daily_at": daily_at, "min_interval": min_interval}
    changes: Changes = {field: (getattr(schedule, field), value) for field, value in new.items() if getattr(schedule, field) != value}
    if not changes:
        raise Conflict(_("Nothing to change: it is like that already."))
    for field, value in new.items():
        setattr(schedule, field, value)
    schedule.slots_until = clock.now()
    schedule.save()
    record(actor=actor, action_type=JobAction.CHANGE_SCHEDULE, entity_type="job", entity_id=job, entity_label=job, reason=reason, changes=changes)
    return schedule


def _values(schedule: Schedule) -> tuple[object, ...]:
    return schedule.every_seconds, schedule.daily_at, schedule.min_interval


def _checked(reason: str, every_seconds: int | None, daily_at: time | None, min_interval: int) -> str:
    reason = reason.replace("\x00", "").strip()[:500]
    if not reason:
        raise Invalid(_("Say why in a sentence."), field="reason")
    if (every_seconds is None) == (daily_at is None):
        raise Invalid(_("A job is due every so often, or daily at a time: one of the two."), field="every_seconds")
    if every_seconds is not None and not 1 <= every_seconds <= LONGEST:
        raise Invalid(_("Between a second and a week."), field="every_seconds")
    if not 0 <= min_interval <= LONGEST:
        raise Invalid(_("Between none and a week."), field="min_interval")
    return reason

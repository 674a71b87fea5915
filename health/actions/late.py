import logging

from django.db import transaction

from audit.actors import Actor
from health.flips import flip_if_overdue
from health.models import Ping
from health.state import set_moments
from opsportal import clock

MOST_AT_ONCE = 100
log = logging.getLogger(__name__)


@transaction.atomic
def record_late_pings(*, actor: Actor, most: int = MOST_AT_ONCE) -> list[Ping]:
    """Write down which pings went down by saying nothing, and tell whoever is to be told; for the sweep. Returns those.

    Each transition is written once, however many call this at a time: one that is locked is somebody else's, also by a call
    that is just coming in. At most `most` at once. Leaves no audit row: the flips are the ping's own record.
    """
    now = clock.now()
    due = Ping.objects.select_for_update(no_key=True, skip_locked=True).filter(deadline__lte=now).order_by("deadline")
    late = list(due[:most])
    for ping in late:
        flip_if_overdue(ping, now)
        set_moments(ping)
        ping.save()
        log.warning("ping %s is down: %s", ping.pk, ping.why, extra={"actor": actor.label})
    return late

"""Alerts that fired and whose message has not arrived, for a review. Each count stops at MOST_COUNTED."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from catalog.alert_message import TOPIC
from catalog.models import AlertEvent
from opsportal import clock

MOST_COUNTED = 1000
# Of the outbox's messages so many are looked through, the oldest that wait, and the newest that were given up.
LOOKED_THROUGH = 10_000
LATE = timedelta(minutes=15)

_UNDELIVERED = """
    WITH late AS (
        SELECT created_at FROM (
            SELECT topic, created_at FROM notify_messages WHERE state = 'waiting' AND created_at < %(before)s ORDER BY created_at, id LIMIT %(most)s) w
        WHERE topic = %(topic)s LIMIT %(counted)s),
    dead AS (
        SELECT created_at FROM (
            SELECT topic, created_at FROM notify_messages WHERE state = 'dead' ORDER BY created_at DESC, id DESC LIMIT %(most)s) d
        WHERE topic = %(topic)s LIMIT %(counted)s),
    owed AS (SELECT at FROM price_alert_events WHERE message_id IS NULL AND at < %(before)s ORDER BY at, id LIMIT %(counted)s)
    SELECT (SELECT count(*) FROM late), (SELECT count(*) FROM dead), (SELECT count(*) FROM owed),
        least((SELECT min(created_at) FROM late), (SELECT min(at) FROM owed))
"""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """`late`: on their way for more than LATE; `dead`: given up, which waits for a person; `since`: of those that still wait, the oldest."""

    late: int
    dead: int
    without_destination: int
    since: datetime | None
    topic: str = TOPIC

    @property
    def total(self) -> int:
        return self.late + self.dead + self.without_destination

    @property
    def minutes(self) -> int:
        """How long the one has waited that waits longest; 0 where none does."""
        return int((clock.now() - self.since).total_seconds() // 60) if self.since else 0

    @property
    def is_capped(self) -> bool:
        return MOST_COUNTED in (self.late, self.dead, self.without_destination)


def undelivered() -> Undelivered:
    """One statement."""
    values: dict[str, Any] = {"before": clock.now() - LATE, "topic": TOPIC, "most": LOOKED_THROUGH, "counted": MOST_COUNTED}
    with connection.cursor() as cursor:
        cursor.execute(_UNDELIVERED, values)
        return Undelivered(*cursor.fetchone())


def fired_since(since: datetime) -> int:
    """How many alerts have fired; MOST_COUNTED at most."""
    return len(AlertEvent.objects.filter(at__gt=since).order_by("-at").values_list("pk")[:MOST_COUNTED])

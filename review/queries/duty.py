"""Who is on duty, and what was left for whoever comes next."""

from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet
from django.utils.timezone import localtime

from opsportal import clock
from review.models import Handover, Shift

SHIFT_ORDER = ("since", "id")
HANDOVER_ORDER = ("written_at", "id")
# Notes that are pinned at once; more than that nobody reads.
PINNED = 5


@dataclass(frozen=True, slots=True)
class Duty:
    """`notes`: pinned ones, the newest first; where none is pinned, those that whoever is on duty took with it."""

    shift: Shift | None
    notes: list[Handover] = field(default_factory=list)

    @property
    def began_today(self) -> bool:
        return self.shift is not None and localtime(self.shift.since).date() == clock.today()

    def is_held_by(self, person_id: object) -> bool:
        return self.shift is not None and self.shift.person_id == str(person_id)


def on_duty() -> Shift | None:
    return Shift.objects.filter(ended_at=None).first()


# Whoever is on duty, beside each note; a row without a note where there is none, without a person where there is nobody.
_DUTY = """
    SELECT s.id, s.person_id, s.person, s.since, h.id, h.text, h.written_at, h.written_by, h.written_by_id, h.taken_at, h.taken_by
    FROM (SELECT) one LEFT JOIN shifts s ON s.ended_at IS NULL
    LEFT JOIN LATERAL (
        SELECT * FROM handovers WHERE taken_at IS NULL OR taken_at >= s.since ORDER BY written_at DESC, id DESC LIMIT %s) h ON true
"""
_SHIFT = ("id", "person_id", "person", "since")
_NOTE = ("id", "text", "written_at", "written_by", "written_by_id", "taken_at", "taken_by")


def duty() -> Duty:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_DUTY, [PINNED])
        rows = cursor.fetchall()
    shift = Shift.from_db("default", _SHIFT, rows[0][: len(_SHIFT)]) if rows[0][0] else None
    found = [Handover.from_db("default", _NOTE, row[len(_SHIFT) :]) for row in rows if row[len(_SHIFT)]]
    return Duty(shift, [note for note in found if note.taken_at is None] or found)


def shifts() -> QuerySet[Shift]:
    """For keyset pages by SHIFT_ORDER."""
    return Shift.objects.all()


def handovers() -> QuerySet[Handover]:
    """For keyset pages by HANDOVER_ORDER."""
    return Handover.objects.all()

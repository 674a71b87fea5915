from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person
from audit.actions import record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from opsportal.lines import Line, find
from review import entity
from review.action_types import ReviewAction
from review.locking import line_of, open_review, row_of
from review.models import Review, ReviewLine, Snooze
from review.notes import checked, checked_note

LONGEST_SNOOZE = timedelta(days=30)


@transaction.atomic
def tick_line(*, actor: Actor, kind: str, day: date, key: str) -> ReviewLine:
    """Say “I have looked at this”. Ticked already: nothing is written. Raises what open_review() and line_of() do, as all acts on lines."""
    review, line, row = _locked(kind, day, key)
    if row.ticked_at is None:
        row.ticked_at, row.ticked_by = clock.now(), actor.label
        row.save(update_fields=["ticked_at", "ticked_by"])
        _record(actor, ReviewAction.TICK_LINE, review, line, {"ticked_by": ("", actor.label), "state": (row.state, row.state)})
    return row


@transaction.atomic
def untick_line(*, actor: Actor, kind: str, day: date, key: str) -> ReviewLine:
    """Take a tick back, also another person's. Not ticked: nothing is written."""
    review, line, row = _locked(kind, day, key)
    if row.ticked_at is not None:
        before, row.ticked_at, row.ticked_by = row.ticked_by, None, ""
        row.save(update_fields=["ticked_at", "ticked_by"])
        _record(actor, ReviewAction.UNTICK_LINE, review, line, {"ticked_by": (before, "")})
    return row


@transaction.atomic
def note_line(*, actor: Actor, kind: str, day: date, key: str, note: str, seen: str) -> ReviewLine:
    """Write, change or (empty) remove the line's note. `seen`: the note that the writer had before them.

    Raises Conflict (note_moved) where somebody else has written meanwhile, and Invalid for one that is too long.
    """
    review, line, row = _locked(kind, day, key)
    before, note = row.note, checked_note(note, now=row.note, seen=seen)
    if note != before:
        row.note, row.noted_by, row.noted_at = note, actor.label, clock.now()
        row.save(update_fields=["note", "noted_by", "noted_at"])
        _record(actor, ReviewAction.NOTE_LINE, review, line, {"note": (before, note)})
    return row


@transaction.atomic
def assign_line(*, actor: Actor, kind: str, day: date, key: str, person_id: str) -> ReviewLine:
    """Give the line to a person who may see it; "" gives it to nobody. Raises Invalid (field person_id)."""
    review, line, row = _locked(kind, day, key)
    if row.assignee_id != str(person_id):
        person = _person(str(person_id), line) if person_id else None
        before = row.assignee
        row.assignee_id, row.assignee = (str(person.pk), str(person)) if person else ("", "")
        row.save(update_fields=["assignee_id", "assignee"])
        _record(actor, ReviewAction.ASSIGN_LINE, review, line, {"assignee": (before, row.assignee)})
    return row


@transaction.atomic
def snooze_line(*, actor: Actor, key: str, until: datetime, reason: str) -> Snooze:
    """Leave the line alone until a moment, in every review of that time: it is shown, and doesn't count as open.

    Raises NotFound (line_unknown), Conflict (snoozed) where it is snoozed already, and Invalid without a reason, and for a moment
    that has passed or is more than 30 days away.
    """
    line, now, reason = _registered(key), clock.now(), checked(reason, field="reason")
    if not reason:
        raise Invalid(_("Say why it can wait."), field="reason")
    if not now < until <= now + LONGEST_SNOOZE:
        raise Invalid(_("Choose a moment within the next 30 days."), field="until")
    Snooze.objects.filter(key=key, ended_at=None, until__lte=now).update(ended_at=now)
    snooze, made = Snooze.objects.get_or_create(key=key, ended_at=None, defaults={"since": now, "until": until, "reason": reason, "by": actor.label})
    if not made:
        raise Conflict(_("%(who)s has snoozed it already.") % {"who": snooze.by}, code="snoozed")
    record(actor=actor, action_type=ReviewAction.SNOOZE_LINE, **entity.of_line_alone(line), reason=reason, changes={"until": (None, until)})
    return snooze


@transaction.atomic
def wake_line(*, actor: Actor, key: str) -> Snooze | None:
    """End the line's snooze now. Returns None, and writes nothing, where it is not snoozed. Raises NotFound (line_unknown)."""
    line, now = _registered(key), clock.now()
    snooze = Snooze.objects.select_for_update().filter(key=key, ended_at=None, until__gt=now).first()
    if snooze is None:
        return None
    snooze.ended_at, snooze.ended_by = now, actor.label
    snooze.save(update_fields=["ended_at", "ended_by"])
    record(actor=actor, action_type=ReviewAction.WAKE_LINE, **entity.of_line_alone(line), changes={"until": (snooze.until, now)})
    return snooze


def _locked(kind: str, day: date, key: str) -> tuple[Review, Line, ReviewLine]:
    review = open_review(kind, day)
    line = line_of(kind, key)
    return review, line, row_of(review, line)


def _registered(key: str) -> Line:
    line = find(key)
    if line is None:
        raise NotFound(_("There is no line “%(key)s”.") % {"key": key}, code="line_unknown")
    return line


def _person(person_id: str, line: Line) -> Person:
    person = Person.objects.filter(pk=person_id, is_active=True).first() if person_id.isdecimal() and len(person_id) < 18 else None
    if person is None or not person.has_perm(line.permission):
        raise Invalid(_("Choose a colleague who may see this line."), field="person_id")
    return person


def _record(actor: Actor, action_type: ReviewAction, review: Review, line: Line, changes: Mapping[str, tuple[Any, Any]]) -> None:
    record(actor=actor, action_type=action_type, **entity.of_line(review, line), changes=changes)

"""Who is on duty. One person at a time; taking it ends the turn of whoever had it."""

from textwrap import shorten

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict, Invalid
from review.action_types import ReviewAction
from review.models import Handover, Shift
from review.queries.duty import on_duty

LONGEST_NOTE = 2000


@transaction.atomic
def take_duty(*, actor: Actor, reason: str = "") -> Shift:
    """Be the one on duty from now on, whoever was before. Notes that others left are taken with it; one's own stay pinned.

    Of two who take it at once the later one has it. Raises Conflict for whoever is on duty already.
    """
    _one_at_a_time()
    before, now = on_duty(), clock.now()
    if before is not None and before.person_id == actor.id:
        raise Conflict(_("You are on duty already."), code="on_duty_already")
    Shift.objects.filter(ended_at=None).update(ended_at=now)
    shift = Shift.objects.create(person_id=actor.id, person=actor.label, since=now)
    taken = Handover.objects.filter(taken_at=None).exclude(written_by_id=actor.id).update(taken_at=now, taken_by=actor.label)
    record(
        actor=actor, action_type=ReviewAction.TAKE_DUTY, entity_type="shift", entity_id=shift.pk, entity_label=actor.label, reason=reason,
        changes={"on_duty": (before.person if before else None, actor.label), "notes_taken": (0, taken)},
    )  # fmt: skip
    return shift


@transaction.atomic
def end_duty(*, actor: Actor, reason: str = "") -> Shift:
    """Be on duty no more; nobody is, until somebody takes it. Raises Conflict for whoever is not on duty."""
    _one_at_a_time()
    shift = on_duty()
    if shift is None or shift.person_id != actor.id:
        raise Conflict(_("You are not on duty."), code="not_on_duty")
    shift.ended_at = clock.now()
    shift.save(update_fields=["ended_at"])
    record(
        actor=actor, action_type=ReviewAction.END_DUTY, entity_type="shift", entity_id=shift.pk, entity_label=shift.person, reason=reason,
        changes={"on_duty": (shift.person, None)},
    )  # fmt: skip
    return shift


@transaction.atomic
def write_handover(*, actor: Actor, text: str, reason: str = "") -> Handover:
    """Leave a note for whoever takes duty next. It stays pinned until another person does. Raises Invalid for an empty or too long one."""
    said = text.replace("\x00", "").strip()
    if not said:
        raise Invalid(_("Write what the next person should know."), field="text")
    if len(said) > LONGEST_NOTE:
        raise Invalid(_("A note has %(most)s characters at most.") % {"most": LONGEST_NOTE}, field="text")
    note = Handover.objects.create(text=said, written_at=clock.now(), written_by=actor.label, written_by_id=actor.id)
    record(
        actor=actor, action_type=ReviewAction.WRITE_HANDOVER, entity_type="handover", entity_id=note.pk, entity_label=shorten(said, 80, placeholder="…"),
        reason=reason, changes={"text": (None, said)},
    )  # fmt: skip
    return note


def _one_at_a_time() -> None:
    """Two who take it at once: the second waits, and finds the first on duty. There may be no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('review.duty'))")

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from billing.action_types import BillingAction
from billing.models import Finding
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

LONGEST_NOTE = 500


@transaction.atomic
def handle_finding(*, actor: Actor, finding_id: int, reason: str) -> Finding:
    """A person looked at one disagreement and lets it stand: it counts no more, is never mended without a person, and still closes by itself.

    Moves no money, plan or state. Raises NotFound, Invalid without a note, Conflict for one that is closed (`closed`) or has the same note.
    """
    note = reason.replace("\x00", "").strip()
    if not note:
        raise Invalid(_("Write what was done about it."), field="reason")
    if len(note) > LONGEST_NOTE:
        raise Invalid(_("500 characters at most."), field="reason")
    finding = Finding.objects.select_for_update(no_key=True).filter(pk=finding_id).first()
    if finding is None:
        raise NotFound(_("There is no such finding."))
    if finding.closed_at is not None:
        raise Conflict(_("This finding is closed: the sides agree again."), code="closed")
    if finding.handled_note == note:
        raise Conflict(_("It is marked as handled with the same note already."), code="nothing_to_do")
    before = finding.handled_note
    finding.handled_at, finding.handled_by, finding.handled_note = clock.now(), actor.label[:200], note
    finding.save(update_fields=["handled_at", "handled_by", "handled_note"])
    record(
        actor=actor, action_type=BillingAction.HANDLE_FINDING, entity_type="finding", entity_id=finding.pk, entity_label=f"{finding.kind} {finding.subject}",
        reason=note, changes={"note": (before or None, note)},
    )  # fmt: skip
    return finding

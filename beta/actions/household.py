from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from beta import gate
from beta.action_types import BetaAction
from beta.models import Household
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound


def remove_household(*, actor: Actor, household_id: UUID, reason: str) -> Household:
    """Take the seat away and give it back to the program. The row and its history stay."""
    if not reason.strip():
        raise Invalid(_("Say why in a sentence."), field="reason")
    return give_seat_back(actor, household_id, reason.strip(), BetaAction.REMOVE_HOUSEHOLD)


def give_seat_back(actor: Actor, household_id: UUID, reason: str, action: BetaAction) -> Household:
    with gate.asked(), transaction.atomic():
        gate.be_patient()
        household = _locked(household_id)
        if household.status == Household.Status.REMOVED:
            raise Conflict(_("This household has no seat."), code="no_seat")
        seat = household.seat
        household.status, household.removed_at = Household.Status.REMOVED, clock.now()
        household.removed_by, household.removal_reason = actor.label, reason
        household.save(update_fields=["status", "removed_at", "removed_by", "removal_reason"])
        household.refresh_from_db(fields=["seat"])
        _record(actor, action, household, reason, {"status": ("active", "removed"), "seat": (seat, None)})
    return household


def reactivate_household(*, actor: Actor, household_id: UUID, reason: str) -> Household:
    """Give a removed household a seat again, through the gate: refused while signups are stopped, every seat is taken, or it
    came by an invite and invites are paused. Its invite is not used a second time.

    Raises Refused, Conflict when it has a seat.
    """
    if not reason.strip():
        raise Invalid(_("Say why in a sentence."), field="reason")
    with gate.asked(), transaction.atomic():
        gate.be_patient()
        household = _locked(household_id)
        if household.status == Household.Status.ACTIVE:
            raise Conflict(_("This household has a seat."))
        household.status, household.removed_at, household.removed_by, household.removal_reason = Household.Status.ACTIVE, None, "", ""
        # Brought back by a person: the request that once took the seat does not answer for this one.
        household.idempotency_key = None
        household.save(update_fields=["status", "removed_at", "removed_by", "removal_reason", "idempotency_key"])
        household.refresh_from_db()
        changes = {"status": ("removed", "active"), "seat": (None, household.seat)}
        _record(actor, BetaAction.REACTIVATE_HOUSEHOLD, household, reason, changes)
    return household


def _locked(household_id: UUID) -> Household:
    household = Household.objects.select_for_update(no_key=True).filter(pk=household_id).first()
    if household is None:
        raise NotFound(_("There is no such household."), code="household_unknown")
    return household


def _record(actor: Actor, action: BetaAction, household: Household, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=action, entity_type="household", entity_id=household.pk, entity_label=str(household), reason=reason, changes=changes
    )

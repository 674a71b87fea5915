from uuid import uuid4

import pytest

from audit.models import AuditLog
from beta.actions import change_cap, reactivate_household, remove_household, stop_signups
from beta.models import Program
from beta.refusals import Refused
from opsportal.errors import Conflict, Invalid, NotFound
from tests.factories import make_household


def test_remove_frees_the_seat_and_keeps_the_row(db, support):
    household = make_household()
    removed = remove_household(actor=support.actor, household_id=household.pk, reason="moved away")
    assert (removed.status, removed.seat, removed.removed_by, removed.removal_reason) == ("removed", None, "Carla Mendes (Support)", "moved away")
    assert Program.objects.get().seats_taken == 0
    row = AuditLog.objects.get()
    assert (row.action_type, row.reason, row.changes) == ("REMOVE_HOUSEHOLD", "moved away", {"status": ["active", "removed"], "seat": [1, None]})


def test_remove_needs_a_reason_and_a_seat(db, support):
    household = make_household()
    with pytest.raises(Invalid):
        remove_household(actor=support.actor, household_id=household.pk, reason="")
    remove_household(actor=support.actor, household_id=household.pk, reason="x")
    with pytest.raises(Conflict) as error:
        remove_household(actor=support.actor, household_id=household.pk, reason="x")
    assert error.value.code == "no_seat"
    with pytest.raises(NotFound):
        remove_household(actor=support.actor, household_id=uuid4(), reason="x")


def test_reactivate_passes_the_gate(db, support, owner):
    household = make_household()
    remove_household(actor=support.actor, household_id=household.pk, reason="x")
    stop_signups(actor=owner.actor)
    with pytest.raises(Refused) as refusal:
        reactivate_household(actor=support.actor, household_id=household.pk, reason="back")
    assert refusal.value.code == "signups_stopped"


def test_reactivate_is_refused_when_every_seat_is_taken(db, support, owner):
    household = make_household()
    remove_household(actor=support.actor, household_id=household.pk, reason="x")
    change_cap(actor=owner.actor, cap=1, reason="x")
    make_household()
    with pytest.raises(Refused) as refusal:
        reactivate_household(actor=support.actor, household_id=household.pk, reason="back")
    assert (refusal.value.code, refusal.value.facts) == ("cap_reached", {"cap": 1, "seats_taken": 1})


def test_reactivate_gives_a_seat_and_leaves_one_row(db, support):
    household = make_household()
    remove_household(actor=support.actor, household_id=household.pk, reason="x")
    back = reactivate_household(actor=support.actor, household_id=household.pk, reason="a mistake")
    assert (back.status, back.seat, back.removal_reason) == ("active", 1, "")
    assert AuditLog.objects.filter(action_type="REACTIVATE_HOUSEHOLD").count() == 1
    with pytest.raises(Conflict):
        reactivate_household(actor=support.actor, household_id=household.pk, reason="again")

from datetime import date

import pytest

from audit.models import AuditLog
from beta.actions import change_cap, change_program, pause_invites, unpause_invites
from beta.models import Program
from opsportal.errors import Conflict, Invalid
from tests.factories import make_household


def test_cap_keeps_before_and_after(db, owner):
    program = change_cap(actor=owner.actor, cap=500, reason="GO")
    row = AuditLog.objects.get()
    assert (program.cap, row.action_type, row.reason) == (500, "CHANGE_CAP", "GO")
    assert row.changes == {"cap": [100, 500], "version": [0, 1]}


@pytest.mark.parametrize("cap", [0, -1, 1_000_001])
def test_cap_out_of_range_is_refused_at_its_field(db, owner, cap):
    with pytest.raises(Invalid) as error:
        change_cap(actor=owner.actor, cap=cap, reason="x")
    assert error.value.field == "cap"


def test_cap_below_the_seats_taken_removes_nobody(db, owner):
    make_household()
    make_household()
    program = change_cap(actor=owner.actor, cap=1, reason="too many")
    assert (program.cap, Program.objects.get().seats_taken) == (1, 2)


def test_change_without_a_reason_or_without_a_change_is_refused(db, owner):
    with pytest.raises(Invalid):
        change_cap(actor=owner.actor, cap=5, reason=" ")
    with pytest.raises(Conflict):
        change_cap(actor=owner.actor, cap=100, reason="same")
    with pytest.raises(Invalid):
        change_program(actor=owner.actor, days=0, reason="x")
    with pytest.raises(Invalid):
        change_program(actor=owner.actor, name="  ", reason="x")
    with pytest.raises(Invalid) as error:
        change_program(actor=owner.actor, starts_on=date(9999, 12, 31), reason="x")
    assert error.value.field == "starts_on"
    assert AuditLog.objects.count() == 0


def test_program_changes_only_what_is_given(db, owner):
    change_program(actor=owner.actor, starts_on=date(2026, 11, 16), invite_only=False, reason="start")
    program = Program.objects.get()
    assert (program.name, program.starts_on, program.days, program.invite_only) == ("Closed beta", date(2026, 11, 16), 14, False)
    assert AuditLog.objects.get().changes == {"starts_on": [None, "2026-11-16"], "invite_only": [True, False], "version": [0, 1]}


def test_pause_and_unpause_keep_who_and_why(db, support):
    program = pause_invites(actor=support.actor, reason="six fixes")
    assert (program.invites_paused_by, program.invites_pause_reason) == ("Carla Mendes (Support)", "six fixes")
    with pytest.raises(Conflict):
        pause_invites(actor=support.actor, reason="again")
    program = unpause_invites(actor=support.actor, reason="fixed")
    assert (program.invites_paused_at, program.invites_paused_by) == (None, "")
    with pytest.raises(Conflict):
        unpause_invites(actor=support.actor, reason="again")
    assert list(AuditLog.objects.order_by("id").values_list("action_type", flat=True)) == ["PAUSE_INVITES", "UNPAUSE_INVITES"]

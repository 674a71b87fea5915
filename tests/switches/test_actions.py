from datetime import timedelta

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from opsportal import clock
from switches import actions
from switches.models import Counter, Switch
from switches.queries import states

pytestmark = pytest.mark.django_db
ANA = Actor.system("Ana")
NAME = "ENABLE_PRICE_TRACKER"


def test_registered_switches_are_there_and_on():
    assert list(Switch.objects.filter(is_registered=True, is_on=True).values_list("name", flat=True)[:4]) != []


def test_turn_off_moves_the_counter_and_the_version():
    before = Counter.objects.get().version
    switch = actions.turn_off(actor=ANA, name=NAME, reason="shops block us")
    state = states([NAME])[NAME]
    assert (switch.version, Counter.objects.get().version) == (before + 1, before + 1)
    assert (state.is_on, state.is_on_here, state.by, state.reason, state.version, state.since) == (
        False, False, "Ana", "shops block us", before + 1, switch.since,
    )  # fmt: skip
    row = AuditLog.objects.latest("id")
    assert (row.action_type, row.entity_id, row.reason, row.changes["is_on"]) == ("TURN_SWITCH_OFF", NAME, "shops block us", [True, False])


def test_due_switch_turns_on_once():
    actions.turn_off(actor=ANA, name=NAME, reason="x", until=clock.now() + timedelta(minutes=1))
    Switch.objects.filter(pk=NAME).update(off_until=clock.now() - timedelta(seconds=1))
    assert actions.turn_on_due(actor=Actor.system("switches")) == [NAME]
    assert actions.turn_on_due(actor=Actor.system("switches")) == []
    assert AuditLog.objects.filter(action_type="SWITCH_ON_AGAIN").count() == 1

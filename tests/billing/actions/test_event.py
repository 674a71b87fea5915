from datetime import timedelta

import pytest

from audit.actors import Actor
from audit.models import AuditLog
from billing import actions, transitions
from billing.models import WebhookEvent
from billing.states import EventState
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound
from tests.billing.factories import make_event

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")
PAST = timedelta(hours=1)


@pytest.mark.parametrize("state", ["waiting", "person", "done", "handled"])
def test_an_event_is_received_again_and_due_now(state):
    event = make_event(state=state, attempts=3, next_at=None, error="?", effect="none")
    actions.replay_event(actor=ACTOR, event_id=event.pk, reason="the token is right now")
    after = WebhookEvent.objects.get()
    assert (after.state, after.attempts, after.next_at is not None, after.effect) == ("received", 3, True, "none")
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_type, row.entity_id, row.reason) == ("REPLAY_EVENT", "webhook_event", str(event.pk), "the token is right now")
    assert row.changes == {"state": [state, "received"]}


def test_an_event_that_is_on_its_way_is_not_sent_again():
    with pytest.raises(Conflict) as refused:
        actions.replay_event(actor=ACTOR, event_id=make_event().pk)
    assert refused.value.code == "waiting_already"
    busy = make_event(state="waiting", claimed_until=clock.now() + PAST)
    with pytest.raises(Conflict) as refused:
        actions.replay_event(actor=ACTOR, event_id=busy.pk)
    assert refused.value.code == "being_processed"
    with pytest.raises(NotFound):
        actions.replay_event(actor=ACTOR, event_id=0)


def test_many_leave_one_audit_row_with_their_numbers():
    found = [
        make_event(state="person"),
        make_event(state="done"),
        make_event(state="received"),
        make_event(state="person", claimed_until=clock.now() + PAST),
    ]
    done = actions.replay_events(actor=ACTOR, event_ids=[event.pk for event in found], reason="again")
    assert done == [found[0].pk, found[1].pk]
    assert AuditLog.objects.get().changes == {"events": [None, 2], "numbers": [None, done], "state": [None, "received"]}
    assert list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True)) == ["received", "received", "received", "person"]


def test_many_have_a_limit_and_none_is_an_error():
    with pytest.raises(Invalid):
        actions.replay_events(actor=ACTOR, event_ids=range(501))
    with pytest.raises(Conflict) as refused:
        actions.replay_events(actor=ACTOR, event_ids=[make_event().pk])
    assert (refused.value.code, AuditLog.objects.count()) == ("nothing_to_replay", 0)


def test_an_event_is_handled_by_a_person_with_a_note():
    event = make_event(state="person", next_at=clock.now())
    actions.handle_event(actor=ACTOR, event_id=event.pk, note=" refunded by hand ")
    after = WebhookEvent.objects.get()
    assert (after.state, after.handled_by, after.handled_note, after.next_at) == ("handled", "tests", "refunded by hand", None)
    assert AuditLog.objects.get().reason == "refunded by hand"


@pytest.mark.parametrize("state", [state for state in EventState if (state, EventState.HANDLED) not in transitions.EVENT])
def test_only_what_needs_a_person_can_be_handled(state):
    with pytest.raises(Conflict):
        actions.handle_event(actor=ACTOR, event_id=make_event(state=state).pk, note="x")


def test_a_handled_event_needs_its_note():
    with pytest.raises(Invalid) as refused:
        actions.handle_event(actor=ACTOR, event_id=make_event(state="person").pk, note="  ")
    assert refused.value.field == "note"

"""What people changed, and what comes next."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.action_types import AccountAction
from audit.actions import record
from audit.actors import Actor, ActorKind
from beta.action_types import BetaAction
from beta.models import Program
from catalog.models import Override
from opsportal import clock
from review.today.changes import changes_of
from review.today.upcoming import upcoming_of
from tests.asking import request_of
from tests.factories import make_invite, make_offer, make_override

NOON = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
CLIENT = Actor(ActorKind.CLIENT, "1", "product")


@pytest.fixture
def ask(rf, owner):
    request = rf.get("/ops/")
    request.user = owner
    return request


def write(actor, action=BetaAction.CHANGE_CAP, **fields):
    return record(actor=actor, action_type=action, **{"entity_type": "program", "entity_id": 1, "entity_label": "Closed beta"} | fields)


def test_acts_of_people_and_clients_stand_with_reason_and_who(ask, owner):
    write(owner.actor, reason="More seats.")
    write(CLIENT)
    write(Actor.system("jobs"), reason="by itself")
    write(owner.actor, AccountAction.SIGN_IN)
    assert [(event.text, event.detail, event.icon) for day in changes_of(ask) for event in day.events] == [
        ("Changed the cap: Closed beta", "product", "beta"), ("Changed the cap: Closed beta", f"{owner.actor.label}: More seats.", "beta"),
    ]  # fmt: skip


def test_twelve_are_shown_in_one_query(ask, owner):
    for number in range(14):
        write(owner.actor, entity_label=str(number))
    with CaptureQueriesContext(connection) as captured:
        days = changes_of(ask)
    shown = [event.text for day in days for event in day.events]
    assert (len(captured), shown) == (1, [f"Changed the cap: {number}" for number in range(13, 1, -1)])


def test_what_the_portal_does_by_itself_hides_nobodys_act(ask, owner):
    write(owner.actor, reason="mine")
    for _ in range(120):
        write(Actor.system("jobs"))
    assert [event.detail for day in changes_of(ask) for event in day.events] == [f"{owner.actor.label}: mine"]


def test_what_comes_next_is_in_order_and_within_a_day(ask, db):
    with time_machine.travel(NOON, tick=False):
        Program.objects.update(starts_on=clock.today())
        make_invite(max_uses=3, uses=1, expires_at=NOON + timedelta(hours=2))
        make_invite(expires_at=NOON + timedelta(hours=3))
        make_invite(expires_at=NOON + timedelta(hours=30))
        make_override(make_offer(), expires_at=NOON + timedelta(hours=1))
        found = [(event.at, event.text, event.detail) for event in upcoming_of(ask) if "runs" not in event.text]
        Program.objects.update(starts_on=clock.today() - timedelta(days=13))
        last_day = [event.text for event in upcoming_of(request_of(ask.user)) if "review" in event.text]
        Program.objects.update(starts_on=None)
        without = [event.text for event in upcoming_of(request_of(ask.user)) if "review" in event.text]
    assert (last_day, without) == (["The evening review is due"], [])
    assert found == [
        (NOON + timedelta(hours=1), "1 override ends", "the store's price shows again"),
        (NOON + timedelta(hours=2), "3 uses of invites expire", "the first of them"),
        (datetime(2026, 11, 20, 21, 0, tzinfo=UTC), "The evening review is due", ""),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "The morning review is due", "tomorrow"),
    ]


def test_the_products_jobs_come_next_and_the_portals_own_do_not(ask, db):
    runs = [event.text for event in upcoming_of(ask) if "runs" in event.text]
    assert sorted(runs) == ["Alert evaluator runs", "Anti-cilada runs", "Price tracker runs"]


def test_an_override_that_has_ended_comes_no_more(ask, db):
    make_override(make_offer(), expires_at=clock.now() + timedelta(hours=1))
    Override.objects.update(ended_at=clock.now())
    assert [event.text for event in upcoming_of(ask) if "override" in event.text] == []

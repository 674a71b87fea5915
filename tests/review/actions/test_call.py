import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from audit.actors import Actor
from audit.models import AuditLog
from beta.models import Program
from jobs.deadline import Deadline
from notify.models import Message
from review import actions
from review.models import Call, Shift
from review.sweeping import call_for_reviews
from tests.factories import make_destination, make_person

NINE = datetime(2026, 3, 10, 9, 0, tzinfo=timezone.get_default_timezone())
DAY = NINE.date()
SYSTEM = Actor.system("sweep")


@pytest.fixture(autouse=True)
def moves(db, settings):
    settings.OPS_MORNING_REVIEW_AT, settings.OPS_MORNING_REVIEW_BY = time(9), time(10)
    settings.OPS_EVENING_REVIEW_AT, settings.OPS_EVENING_REVIEW_BY = time(18), time(19)
    settings.OPS_BASE_URL = "https://ops.example"
    Program.objects.update(starts_on=DAY, days=14)
    with time_machine.travel(NINE, tick=False) as traveller:
        yield traveller


def sweep():
    return call_for_reviews(Deadline(10))


def calls():
    return [(call.kind, call.day, call.what, call.to) for call in Call.objects.order_by("pk")]


def addresses():
    return sorted(Message.objects.values_list("address", flat=True))


def put_on_duty(person):
    Shift.objects.create(person_id=str(person.pk), person=str(person))


def test_a_reminder_goes_out_at_the_hour_and_once(support, moves):
    put_on_duty(support)
    moves.move_to(NINE - timedelta(seconds=1))
    assert sweep() == 0
    moves.move_to(NINE)
    assert [sweep(), sweep()] == [1, 0]
    assert calls() == [("morning", DAY, "reminder", ["Carla Mendes"])]
    message = Message.objects.get()
    assert (message.channel, message.address, message.subject) == ("email", support.email, "Morning review: it is due")
    assert message.body == (
        "Morning review of 10 March 2026: it is due now, and to be done by 10:00.\nOn duty: Carla Mendes.\n\n"
        "https://ops.example/ops/reviews/morning/2026-03-10/\n"
    )
    row = AuditLog.objects.get()
    assert (row.action_type, row.entity_id, row.changes) == ("REMIND_OF_REVIEW", "morning/2026-03-10", {"to": [None, ["Carla Mendes"]]})


def test_with_nobody_on_duty_everybody_who_may_do_it_is_reminded(owner, support, viewer):
    make_person(role="engineer", is_active=False)
    sweep()
    assert addresses() == sorted([owner.email, support.email])
    assert "Nobody is on duty." in Message.objects.first().body


def test_with_somebody_on_duty_who_has_left_everybody_is(owner, support):
    put_on_duty(make_person(role="engineer", is_active=False))
    sweep()
    assert addresses() == sorted([owner.email, support.email])


def test_with_somebody_on_duty_who_may_not_do_it_any_more_everybody_is(owner, support, viewer):
    put_on_duty(viewer)
    sweep()
    assert addresses() == sorted([owner.email, support.email])


def test_a_text_is_in_the_language_of_its_reader(db):
    put_on_duty(make_person(role="support", language="pt-br"))
    sweep()
    assert "10 de março de 2026" in Message.objects.get().body


def test_nobody_is_reminded_of_a_review_that_somebody_has_begun(support, lines):
    actions.begin_review(actor=support.actor, kind="morning")
    assert (sweep(), calls()) == (0, [])


def test_an_escalation_goes_to_the_cto_those_on_duty_and_the_teams_destination(owner, support, operator, lines, moves):
    put_on_duty(support)
    chat = make_destination(name="reviews", channel="webhook")
    for other in ("pings", "push", "audit-seals"):
        make_destination(name=other)
    actions.begin_review(actor=support.actor, kind="morning")
    moves.move_to(NINE + timedelta(minutes=59, seconds=59))
    assert sweep() == 0
    moves.move_to(NINE + timedelta(hours=1))
    assert [sweep(), sweep()] == [1, 0]
    assert calls() == [("morning", DAY, "escalation", ["Carla Mendes", "Ana Souza", "reviews"])]
    assert sorted(Message.objects.values_list("address", "destination__name")) == sorted(
        [(support.email, None), (owner.email, None), ("", "reviews")]
    )  # fmt: skip
    payload = json.loads(Message.objects.get(destination=chat).body)
    assert (payload["what"], payload["kind"], payload["day"], payload["url"]) == (
        "escalation", "morning", "2026-03-10", "https://ops.example/ops/reviews/morning/2026-03-10/",
    )  # fmt: skip
    assert payload["text"].splitlines()[:3] == [
        "Morning review of 10 March 2026: it was to be done by 10:00, and nobody has signed it.", "Carla Mendes (Support) has begun it.",
        "On duty: Carla Mendes.",
    ]  # fmt: skip
    assert AuditLog.objects.filter(action_type="ESCALATE_REVIEW").count() == 1


@pytest.mark.parametrize(("places", "told"), [({"pings": True}, ["pings"]), ({"pings": True, "reviews": False}, []), ({"push": True}, [])])
def test_an_escalation_goes_to_no_place_that_is_not_the_teams(owner, lines, moves, places, told):
    for name, is_on in places.items():
        make_destination(name=name, channel="email", address="all@example.com", is_on=is_on)
    moves.move_to(NINE + timedelta(hours=1))
    sweep()
    assert [to for *_rest, to in calls()] == [["Ana Souza", *told]]


def test_a_signed_review_is_left_alone(owner, lines, moves):
    actions.begin_review(actor=owner.actor, kind="morning")
    actions.sign_review(actor=owner.actor, kind="morning", day=DAY)
    moves.move_to(NINE + timedelta(hours=2))
    assert (sweep(), Message.objects.count()) == (0, 0)


def test_a_portal_that_was_away_sends_what_still_makes_sense(owner, moves):
    moves.move_to(NINE + timedelta(hours=11))
    assert sweep() == 2
    # No reminder of what is late already.
    assert [(kind, what) for kind, _day, what, _to in calls()] == [("morning", "escalation"), ("evening", "escalation")]
    Call.objects.all().delete()
    moves.move_to(NINE + timedelta(days=1, hours=-1))
    assert sweep() == 0


@pytest.mark.parametrize("program", [{"starts_on": None}, {"starts_on": DAY + timedelta(days=1)}, {"starts_on": DAY - timedelta(days=14)}])
def test_outside_the_program_nobody_is_called(owner, moves, program):
    Program.objects.update(**program)
    moves.move_to(NINE + timedelta(hours=2))
    assert (sweep(), calls()) == (0, [])


def test_two_sweeps_at_once_call_once(transactional_db, owner):
    def one(_number):
        try:
            return actions.remind_of_review(actor=SYSTEM, kind="morning") is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one, range(6))) == [False] * 5 + [True]
    assert (Call.objects.count(), Message.objects.count(), AuditLog.objects.count()) == (1, 1, 1)

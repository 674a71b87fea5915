"""What the sample's households wrote, at whatever hour it is loaded."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db.models import F, Q

from accounts.actions import create_api_client
from audit.actors import Actor
from beta.models import SupportMessage
from beta.queries.support import overdue_messages
from opsportal import clock
from sandbox import sample_support
from sandbox.calendar import Calendar
from sandbox.diary import Diary
from tests.factories import make_household, make_person

MIDNIGHT, MORNING, NIGHT = ((20, 3, 10), (20, 12, 30), (21, 2, 50))


@pytest.mark.django_db
@pytest.mark.parametrize(("moment", "overdue"), [(MIDNIGHT, 0), (MORNING, 1), (NIGHT, 1)])
def test_two_wait_that_other_desks_can_settle_and_nothing_lies_ahead(moment, overdue):
    with time_machine.travel(datetime(2026, 11, *moment, tzinfo=UTC), tick=False):
        _load()
        waiting = list(SupportMessage.objects.filter(answered_at=None).order_by("waiting_since").values_list("subject", "household__household_key"))
        assert {("Wrong price for the coffee at Mercado Azul", "hh_0017"), ("Paid, and still no Plus", "hh_0038")} <= set(waiting)
        assert (len(waiting), SupportMessage.objects.count(), SupportMessage.objects.filter(state="assigned").count()) == (4, 24, 1)
        assert len(overdue_messages()) == overdue
        ahead = Q(received_at__gt=clock.now()) | Q(answered_at__gt=clock.now()) | Q(first_answered_at__lt=F("received_at"))
        assert not SupportMessage.objects.filter(ahead).exists()


def _load():
    for number in range(1, 58):
        make_household(household_key=f"hh_{number:04}", email=f"casa{number}@example.com")
    diary = Diary(Calendar(clock.now()))
    diary.people = {name: make_person(role="support", name=name).actor for name in ("carla", "diego")}
    sample_support.load(diary, create_api_client(actor=Actor.system("tests"), name="product", scopes=["support"]).client.actor)

"""What of the reviews and of duty needs a person, hour by hour."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from beta.models import Program
from opsportal.needs import TRUST, UNTIDY, WAITING
from review import actions, needs
from review.models import Review
from tests import asking

FRIDAY = date(2026, 11, 20)
NOBODY = (TRUST, "warn", "Nobody is on duty")


def at(hour, minute=0):
    """An hour of that Friday on the team's clock, three hours behind UTC."""
    return time_machine.travel(datetime(2026, 11, 20, hour + 3, minute, tzinfo=UTC), tick=False)


def make_yesterdays(*kinds, **fields):
    signed = {"signed_at": datetime(2026, 11, 19, 22, tzinfo=UTC), "signed_by": "Bruno Lima", "snapshot": {}}
    for kind in kinds:
        Review.objects.create(**{"kind": kind, "day": FRIDAY - timedelta(days=1), "begun_by": "x", "begun_by_id": "1"} | (fields or signed))


@pytest.fixture
def second_day(operator):
    """Of the program; yesterday's morning review is signed, and somebody is on duty."""
    Program.objects.update(starts_on=FRIDAY - timedelta(days=1))
    make_yesterdays("morning")
    actions.take_duty(actor=operator.actor)


@pytest.mark.parametrize(
    ("hour", "found"),
    [
        (8, []),
        (9, [(WAITING, "warn", "The morning review waits")]),
        (10, [(TRUST, "fail", "The morning review is late")]),
        (18, [(TRUST, "fail", "The morning review is late"), (WAITING, "warn", "The evening review waits")]),
    ],
)
def test_a_review_waits_from_its_hour_and_is_late_from_its_second(second_day, owner, hour, found):
    make_yesterdays("evening")
    with at(hour):
        assert asking.needs(needs.found, owner) == found


def test_the_act_begins_it_or_goes_on_with_it(second_day, owner):
    make_yesterdays("evening")
    with at(9):
        assert asking.acts(needs.found, owner) == [("Begin", "/ops/reviews/morning/2026-11-20/", "review.do")]
        Review.objects.create(kind="morning", day=FRIDAY, begun_by="x", begun_by_id="1")
        assert asking.acts(needs.found, owner) == [("Continue", "/ops/reviews/morning/2026-11-20/", "review.do")]


def test_what_nobody_signed_yesterday_was_missed(second_day, owner):
    with at(8):
        assert asking.needs(needs.found, owner) == [(UNTIDY, "warn", "Nobody signed the evening review of yesterday")]


def test_what_was_begun_yesterday_can_still_be_signed_until_its_hour(second_day, owner):
    make_yesterdays("evening", signed_at=None)
    with at(8):
        assert asking.needs(needs.found, owner) == [(WAITING, "warn", "Nobody signed the evening review of yesterday")]
        assert asking.acts(needs.found, owner) == [("Continue", "/ops/reviews/evening/2026-11-19/", "review.do")]


def test_nobody_on_duty_matters_during_the_program_only(owner):
    with at(11):
        assert asking.needs(needs.found, owner) == []
    with at(8):
        Program.objects.update(starts_on=FRIDAY)
        assert asking.needs(needs.found, owner) == [NOBODY]
        assert asking.acts(needs.found, owner) == [("Take duty", "/ops/reviews/duty/take/", "review.do")]

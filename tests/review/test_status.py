from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from review.models import Kind, Review
from review.status import hours, kind_at, standing_of

ZONE = ZoneInfo("America/Sao_Paulo")
DAY = date(2026, 3, 10)
BEGUN = Review(kind="morning", day=DAY)
SIGNED = Review(kind="morning", day=DAY, signed_at=datetime(2026, 3, 10, 12, tzinfo=ZONE))


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def _hours(settings):
    settings.OPS_MORNING_REVIEW_AT, settings.OPS_MORNING_REVIEW_BY = time(9), time(10)
    settings.OPS_EVENING_REVIEW_AT, settings.OPS_EVENING_REVIEW_BY = time(18), time(19)


@pytest.mark.parametrize(
    ("review", "now", "status", "is_late", "can_begin"),
    [
        (None, at(9, 23, 59), "later", False, False),
        (None, at(10, 0), "waiting", False, True),
        (None, at(10, 8, 59), "waiting", False, True),
        (None, at(10, 9), "due", False, True),
        (None, at(10, 9, 59), "due", False, True),
        (None, at(10, 10), "late", True, True),
        (None, at(10, 23, 59), "late", True, True),
        (None, at(11, 0), "missed", False, False),
        (BEGUN, at(10, 7), "begun", False, False),
        (BEGUN, at(10, 9, 30), "begun", False, False),
        (BEGUN, at(10, 10), "begun", True, False),
        (BEGUN, at(11, 8, 59), "begun", True, False),
        (BEGUN, at(11, 9), "missed", False, False),
        (SIGNED, at(10, 10), "signed", False, False),
        (SIGNED, at(20, 10), "signed", False, False),
    ],
)
def test_status_of_a_day_of_the_program(review, now, status, is_late, can_begin):
    standing = standing_of("morning", DAY, review, now=now)
    assert (standing.status, standing.is_late, standing.can_begin) == (status, is_late, can_begin)
    assert (standing.is_open, standing.is_signed) == (status == "begun", status == "signed")


@pytest.mark.parametrize(
    ("review", "now", "status"), [(None, at(10, 8), "waiting"), (None, at(10, 12), "due"), (BEGUN, at(10, 12), "begun"), (None, at(11, 0), "none")]
)
def test_outside_the_program_nothing_is_late_or_missed(review, now, status):
    standing = standing_of("morning", DAY, review, now=now, expected=False)
    assert (standing.status, standing.is_late) == (status, False)


def test_begun_outside_the_program_and_never_signed_is_missed():
    assert standing_of("morning", DAY, BEGUN, now=at(11, 9), expected=False).status == "missed"


def test_hours_are_of_the_teams_zone_and_its_settings(settings):
    settings.OPS_EVENING_REVIEW_AT, settings.OPS_EVENING_REVIEW_BY = time(17, 30), time(18, 15)
    standing = standing_of("evening", DAY, None, now=at(10, 12))
    assert (standing.at, standing.by, standing.until) == (at(10, 17, 30), at(10, 18, 15), at(11, 17, 30))
    assert hours(Kind.EVENING) == (time(17, 30), time(18, 15))


def test_the_review_of_the_hour():
    assert [kind_at(at(10, hour)) for hour in (0, 17, 18, 23)] == ["morning", "morning", "evening", "evening"]

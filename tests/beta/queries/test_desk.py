from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from beta.models import Program, Refusal
from beta.queries import day_of, gate_state, refusals_by_reason
from beta.queries.desk import desk
from beta.refusals import REFUSALS
from opsportal import clock
from tests.factories import make_household

ZONE = timezone.get_default_timezone()
FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=ZONE)


def seat_on(day, count):
    """Households seated on a day at noon: the gate stamps its own time, so the test's owner moves it."""
    made = [make_household().pk for _number in range(count)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE households DISABLE TRIGGER zz_beta_gate")
        cursor.execute("UPDATE households SET seated_at = %s WHERE id = ANY(%s)", [datetime(2026, 11, day, 12, tzinfo=ZONE), made])
        cursor.execute("ALTER TABLE households ENABLE ALWAYS TRIGGER zz_beta_gate")


@pytest.fixture
def program(db):
    Program.objects.update(starts_on=date(2026, 11, 16))
    return Program.objects.get()


@pytest.mark.parametrize(("on", "day"), [(date(2026, 11, 15), None), (date(2026, 11, 16), 1), (date(2026, 11, 29), 14), (date(2026, 11, 30), None)])
def test_day_counts_from_the_first(program, on, day):
    assert day_of(program, on) == day


def test_today_is_the_teams_day_not_utc(program):
    with time_machine.travel(datetime(2026, 11, 20, 22, 30, tzinfo=ZONE)):  # the 21st in UTC
        assert gate_state().day == 5


def test_days_add_up_and_the_forecast_follows_the_last_two(program):
    for day, count in ((16, 4), (17, 3), (18, 2), (19, 4), (20, 1)):
        seat_on(day, count)
    Program.objects.update(cap=21)
    with time_machine.travel(FRIDAY_NOON):
        figures = desk(Program.objects.get())
        assert [(day.seats, day.total) for day in figures.days[:5]] == [(4, 4), (3, 7), (2, 9), (4, 13), (1, 14)]
        assert (figures.day, figures.today, figures.free) == (5, 1, 7)
        # 3 a day: 2 more today, then 5 in two days
        assert (figures.forecast.pace, figures.forecast.day, figures.forecast.on) == (3, 7, date(2026, 11, 22))


def test_forecast_is_silent_without_a_pace(program):
    with time_machine.travel(FRIDAY_NOON):
        assert desk(program).forecast is None


def test_meter_warns_at_nine_tenths_and_says_what_is_above_the_cap(program):
    make_household()
    make_household()
    Program.objects.update(cap=1)
    figures = desk(Program.objects.get())
    assert (figures.free, figures.over, figures.mark) == (0, 1, 0)


def test_refusals_of_the_last_hour_are_counted_by_reason(db):
    for code in ("invite_used", "invite_used", "cap_reached"):
        Refusal.objects.create(code=code)
    Refusal.objects.create(code="cap_reached", at=clock.now() - timedelta(hours=2))
    found = refusals_by_reason()
    assert [(code, count) for code, _label, count in found.rows if count] == [("invite_used", 2), ("cap_reached", 1)]
    assert (found.total, found.is_capped, len(found.rows)) == (3, False, len(REFUSALS))

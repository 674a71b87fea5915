from datetime import UTC, datetime, timedelta

import pytest

from jobs.models import Lease, Schedule
from jobs.queries import view_of
from jobs.queries.desk import late_after
from opsportal import clock
from switches import actions as switches
from tests.factories import make_run
from tests.jobs.conftest import SYSTEM
from tests.jobs.trial import SWITCH


def test_pause_that_is_over_before_the_next_slot_keeps_nothing_back(trial):
    Schedule.objects.filter(pk="trial").update(min_interval=60)
    Lease.objects.filter(pk="trial").update(ran_at=clock.now())
    view = view_of(trial)
    view.moment = datetime(2030, 1, 1, 12, 0, 1, tzinfo=UTC)
    assert (view.next_due, view.why_next) == (datetime(2030, 1, 1, 13, tzinfo=UTC), None)


def test_pause_beyond_the_next_slot_keeps_it_back(trial):
    ran = datetime(2030, 1, 1, 12, 0, 1, tzinfo=UTC)
    Schedule.objects.filter(pk="trial").update(min_interval=7200)
    Lease.objects.filter(pk="trial").update(ran_at=ran)
    view = view_of(trial)
    view.moment = ran
    assert (view.why_next.code, view.why_next.until) == ("too_soon", ran + timedelta(hours=2))


def test_switch_that_turns_on_again_before_the_next_slot_keeps_nothing_back(trial):
    now = clock.now()
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x", until=now + timedelta(minutes=1))
    view = view_of(trial)
    view.moment = now.replace(minute=0, second=1) + timedelta(days=1)
    assert (view.why_now.code, view.why_next) == ("switch_off", None)


def test_run_that_goes_on_keeps_a_request_back_and_not_the_next_slot(trial):
    make_run(state="running")
    view = view_of(trial)
    assert (view.why_now.code, view.why_next) == ("already_running", None)


def test_refused_run_is_not_the_last_run(trial):
    done = make_run()
    make_run(state="refused", ended_because="switch_off")
    assert view_of(trial).last == done


def test_slot_is_overdue_when_no_tick_made_it_in_time(trial):
    view = view_of(trial)
    due = datetime(2030, 1, 1, 12, tzinfo=UTC)
    view.standing.schedule.slots_until = due - timedelta(minutes=1)
    view.moment = due + late_after()
    assert view.overdue is None
    del view.overdue
    view.moment += timedelta(seconds=1)
    assert view.overdue == due


@pytest.mark.parametrize("count", [1, 3])
def test_due_times_are_those_of_the_schedule(trial, count):
    view = view_of(trial)
    view.moment = datetime(2030, 1, 1, 12, 30, tzinfo=UTC)
    assert view.due_times(count) == [datetime(2030, 1, 1, 13 + hour, tzinfo=UTC) for hour in range(count)]


def test_job_without_rows_gets_them(trial):
    Lease.objects.filter(pk="trial").delete()
    Schedule.objects.filter(pk="trial").delete()
    assert view_of(trial).standing.schedule.every_seconds == 3600

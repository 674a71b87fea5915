from datetime import UTC, datetime, time, timedelta

import pytest

from audit.models import AuditLog
from jobs import actions
from jobs.engine.execution import execute
from jobs.engine.tick import tick
from jobs.models import Lease, Run, Schedule, Slot, Trigger
from jobs.schedule import Daily
from switches import actions as switches
from switches.models import Switch
from tests.jobs.conftest import SYSTEM, effects, run_now
from tests.jobs.trial import SWITCH

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """What is sent is another test's matter: here every message is lost."""
    monkeypatch.setattr("opsportal.broker.send", lambda *values, **options: True)


@pytest.fixture
def hourly(make_trial, time_machine):
    """A job that was last looked at at 9:30, and it is 10:00:03."""
    trial = make_trial(min_interval=None)
    Schedule.objects.update(slots_until=TEN - timedelta(minutes=30))
    time_machine.move_to(TEN + timedelta(seconds=3))
    return trial


def slots():
    return list(Slot.objects.filter(job="trial").order_by("due_at").values_list("due_at", "reason", "until", "run__state"))


def test_tick_makes_the_slot_that_is_due_and_queues_its_run(hourly):
    assert tick().runs >= 1
    assert slots() == [(TEN, "", None, "queued")]
    run = Run.objects.get(job="trial")
    assert (run.trigger, run.due_at, run.actor_label) == ("schedule", TEN, "jobs")
    execute(run.pk)
    assert len(effects()) == 250


def test_second_tick_makes_nothing(hourly):
    tick()
    again = tick()
    assert (again.slots, again.runs, Slot.objects.filter(job="trial").count()) == (0, 0, 1)


def test_slots_that_no_tick_made_in_time_are_missed(hourly):
    Schedule.objects.filter(job="trial").update(slots_until=TEN - timedelta(hours=3, minutes=30))
    tick()
    expected = [(TEN - timedelta(hours=hours), "missed", None, None) for hours in (3, 2, 1)]
    assert slots() == [*expected, (TEN, "", None, "queued")]


def test_checks_come_in_their_order(hourly):
    Lease.objects.filter(pk="trial").update(ran_at=TEN - timedelta(minutes=20))
    Run.objects.create(job="trial", trigger=Trigger.PERSON)
    for turn_on, reason in (("ENABLE_JOBS", "master_off"), (SWITCH, "switch_off"), (None, "too_soon"), (None, "already_running")):
        if turn_on is None and reason == "already_running":
            Lease.objects.filter(pk="trial").update(ran_at=None)
        Switch.objects.filter(name__in=[SWITCH] if reason == "master_off" else []).update(is_on=False)
        if reason == "master_off":
            Switch.objects.filter(name="ENABLE_JOBS").update(is_on=False)
        Slot.objects.all().delete()
        Schedule.objects.update(slots_until=TEN - timedelta(minutes=30))
        tick()
        assert [slot[1] for slot in slots()] == [reason]
        if turn_on:
            Switch.objects.filter(name=turn_on).update(is_on=True)


def test_slot_that_is_too_soon_says_until_when(hourly):
    Lease.objects.filter(pk="trial").update(ran_at=TEN - timedelta(minutes=20))
    tick()
    assert slots() == [(TEN, "too_soon", TEN + timedelta(minutes=40), None)]


def test_slot_run_that_starts_late_is_still_hourly(hourly, time_machine):
    tick()
    time_machine.move_to(TEN + timedelta(minutes=5))
    execute(Run.objects.get(job="trial").pk)
    assert Lease.objects.get(pk="trial").ran_at == TEN
    time_machine.move_to(TEN + timedelta(hours=1, seconds=1))
    tick()
    assert [slot[1] for slot in slots()] == ["", ""]


def test_slot_run_that_starts_very_late_counts_from_its_start(hourly, time_machine):
    tick()
    time_machine.move_to(TEN + timedelta(minutes=50))
    execute(Run.objects.get(job="trial").pk)
    time_machine.move_to(TEN + timedelta(hours=1, seconds=1))
    tick()
    assert [slot[1] for slot in slots()] == ["", "too_soon"]


def test_waiting_run_whose_switch_went_off_meanwhile_does_not_run(hourly):
    tick()
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="enough")
    execute(Run.objects.get(job="trial").pk)
    assert slots() == [(TEN, "switch_off", None, "refused")]
    assert (Run.objects.get(job="trial").ended_because, effects()) == ("switch_off", [])


def test_daily_job_is_due_at_the_teams_time(hourly, settings):
    Schedule.objects.filter(job="trial").update(every_seconds=None, daily_at="07:00", slots_until=TEN - timedelta(hours=2))
    tick()
    assert [slot[0] for slot in slots()] == [TEN]  # 07:00 in São Paulo


def test_daily_job_runs_on_the_day_that_the_change_of_clock_shortens(make_trial, settings, time_machine):
    settings.TIME_ZONE = "America/New_York"
    # 2027-03-14: 02:00 becomes 03:00, so 23 hours after 03:00 of the day before.
    before, due = datetime(2027, 3, 13, 8, tzinfo=UTC), datetime(2027, 3, 14, 7, tzinfo=UTC)
    make_trial(min_interval=None, schedule=Daily(time(3)))
    Lease.objects.filter(pk="trial").update(ran_at=before)
    Schedule.objects.update(slots_until=due - timedelta(minutes=1))
    time_machine.move_to(due + timedelta(seconds=3))
    tick()
    assert slots() == [(due, "", None, "queued")]


def test_lost_run_is_reaped_and_the_next_slot_goes_on_at_its_cursor(hourly, time_machine):
    tick()
    first = Run.objects.get(job="trial")
    hourly.max_batches = 1
    hourly.fetches = lambda batch: (_ for _ in ()).throw(SystemExit) if batch.items[0].value == 101 else None
    execute(first.pk)
    Run.objects.filter(pk=first.pk).update(state="running", ended_at=None)
    Lease.objects.filter(pk="trial").update(until=TEN, run=first, ran_at=TEN)
    hourly.fetches, hourly.max_batches = lambda batch: None, 10
    time_machine.move_to(TEN + timedelta(hours=1, seconds=1))
    # The database's clock decides about leases, and the real one is elsewhere.
    Lease.objects.filter(pk="trial").update(until="2020-01-01T00:00Z")
    ticked = tick()
    first.refresh_from_db()
    assert (ticked.lost, first.state, first.ended_because) == (1, "interrupted", "lost")
    execute(Run.objects.exclude(pk=first.pk).get(job="trial").pk)
    assert effects() == list(range(1, 251))


def test_reaped_run_keeps_its_figures_and_its_lease_has_a_new_token(trial):
    run_now(trial)
    run = Run.objects.create(job="trial", trigger=Trigger.COMMAND, state="running", token=1)
    far = {"batches": 2, "items": 150, "failed_items": 1, "cursor": 150, "heartbeat_at": TEN}
    Lease.objects.filter(pk="trial").update(run=run, until="2020-01-01T00:00Z", **far)
    tick()
    assert Run.objects.values_list("state", "batches", "items", "failed_items", "cursor_after", "heartbeat_at").get(pk=run.pk) == (
        "interrupted", 2, 150, 1, 150, TEN,
    )  # fmt: skip
    assert Lease.objects.values_list("token", "until", "run").get(pk="trial") == (2, None, None)


def test_switch_whose_time_is_over_goes_on_with_the_tick(hourly):
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="an hour of quiet", until=TEN + timedelta(seconds=30))
    Switch.objects.filter(name=SWITCH).update(off_until=TEN)
    tick()
    assert slots() == [(TEN, "", None, "queued")]


def test_tick_leaves_no_audit_rows(hourly):
    before = AuditLog.objects.count()
    tick()
    assert AuditLog.objects.count() == before


def test_run_that_a_person_asked_for_keeps_the_slot_from_running(hourly):
    actions.request_run(actor=SYSTEM, job="trial", trigger=Trigger.PERSON)
    tick()
    assert slots() == [(TEN, "already_running", None, None)]


def test_slot_of_a_job_without_interval_is_never_too_soon(hourly):
    Schedule.objects.filter(job="trial").update(min_interval=0)
    Lease.objects.filter(pk="trial").update(ran_at=TEN + timedelta(seconds=1))  # the run before began late, and has ended
    tick()
    assert slots() == [(TEN, "", None, "queued")]

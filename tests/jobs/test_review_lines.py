from datetime import timedelta

import pytest
import time_machine

from audit.models import AuditLog
from jobs.engine.ending import ACTOR
from jobs.models import Lease, Schedule, Slot
from opsportal import clock
from switches import actions as switches
from switches.models import Switch
from tests.answers import check_answer, read, said_in, stand
from tests.factories import make_failed_item, make_run
from tests.jobs.conftest import SYSTEM
from tests.jobs.trial import SWITCH
from tests.signing_in import sign_in


@pytest.fixture(autouse=True)
def _scheduler_is_not_late(db):
    Schedule.objects.update(slots_until=clock.now() + timedelta(hours=1))


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def ago(**length):
    return clock.now() - timedelta(**length)


def make_slot(job="trial", hours_ago=1.0, reason="", **fields):
    run = None if reason else make_run(job, **fields)
    return Slot.objects.create(job=job, due_at=ago(hours=hours_ago), reason=reason, run=run)


def failed_in_a_row(times, job="trial"):
    version = Switch.objects.get(pk=SWITCH).version
    Lease.objects.filter(pk=job).update(failures=times, failures_version=version)
    return make_run(job, state="failed", ended_because="error", error="ValueError: no price\nTraceback") if times else make_run(job)


@pytest.mark.parametrize(("times", "state"), [(0, "ok"), (1, "warn"), (3, "warn"), (4, "fail")])
def test_failures_in_a_row_warn_up_to_three(trial, times, state):
    failed_in_a_row(times)
    assert stand("jobs-failing") == (state, times)


def test_failing_job_names_itself_its_error_and_its_two_acts(trial, signed_in):
    run = failed_in_a_row(2)
    answer = read("jobs-failing")
    check_answer(answer, signed_in)
    assert said_in(answer, "en") == [
        "2", "Trial failed 2 times in a row. ValueError: no price", f"Run #{run.pk}, the error", "Trial", "All jobs", "Run now", f"Turn {SWITCH} off",
    ]  # fmt: skip


def test_tripped_breaker_fails_whatever_its_streak_says_and_offers_to_turn_on(trial, signed_in):
    failed_in_a_row(4)
    switches.turn_off(actor=ACTOR, name=SWITCH, reason="failed")
    answer = read("jobs-failing")
    check_answer(answer, signed_in)
    # The catalog's job of the same switch is off with it.
    assert (str(answer.state), answer.figure.value) == ("fail", 4)
    assert [(act.url, act.permission) for act in answer.acts] == [(f"/ops/switches/{SWITCH}/on/", "switches.turn_on")]


def test_failing_is_unknown_before_any_run(trial, signed_in):
    answer = read("jobs-failing")
    check_answer(answer, signed_in)
    assert stand("jobs-failing") == ("unknown", None)


def test_slots_that_ran_are_in_order(trial, signed_in):
    make_slot()
    check_answer(read("jobs-slots"), signed_in)
    assert stand("jobs-slots") == ("ok", 0)


@pytest.mark.parametrize(
    ("reason", "state"),
    [("missed", "warn"), ("already_running", "warn"), ("unknown_job", "warn"), ("too_soon", "ok"), ("switch_off", "ok"), ("master_off", "ok")],
)
def test_slots_that_did_not_run_warn_where_nobody_wanted_it(trial, signed_in, reason, state):
    make_slot(reason=reason)
    check_answer(read("jobs-slots"), signed_in)
    assert stand("jobs-slots") == (state, 1)


def test_slots_of_a_switch_that_turned_itself_off_warn(trial):
    make_slot(reason="switch_off")
    switches.turn_off(actor=ACTOR, name=SWITCH, reason="failed")
    assert stand("jobs-slots") == ("warn", 1)


def test_master_that_is_off_can_be_turned_on_from_the_slots(trial, signed_in):
    make_slot(reason="master_off")
    switches.turn_off(actor=SYSTEM, name="ENABLE_JOBS", reason="quiet")
    answer = read("jobs-slots")
    check_answer(answer, signed_in)
    assert [act.url for act in answer.acts] == ["/ops/switches/ENABLE_JOBS/on/"]


def test_slots_name_their_reasons_the_most_first(trial):
    for reason in ("missed", "switch_off", "missed"):
        make_slot(reason=reason, hours_ago=1 + Slot.objects.count())
    make_slot(reason="missed", hours_ago=25)
    assert said_in(read("jobs-slots"), "en")[:2] == ["3", "2: No scheduler ran at that time. 1: The job's switch is off."]


def test_slots_are_unknown_when_nothing_was_due(trial, signed_in):
    make_slot(hours_ago=25)
    check_answer(read("jobs-slots"), signed_in)
    assert stand("jobs-slots") == ("unknown", None)


def test_slots_that_no_scheduler_makes_fail(trial, signed_in):
    make_slot()
    Schedule.objects.filter(pk="trial").update(slots_until=ago(hours=3))
    answer = read("jobs-slots")
    check_answer(answer, signed_in)
    assert (str(answer.state), answer.figure.value) == ("fail", None)


@pytest.mark.parametrize(("bad", "state", "figure"), [(0, "ok", 100.0), (1, "ok", 98.0), (2, "warn", 96.0), (3, "fail", 94.0)])
def test_reliability_at_its_thresholds(trial, signed_in, bad, state, figure):
    for number in range(50):
        make_run(state="failed" if number < bad else "succeeded")
    check_answer(read("jobs-reliability"), signed_in)
    assert stand("jobs-reliability") == (state, figure)


def test_reliability_leaves_out_what_was_stopped_what_is_old_and_jobs_of_every_minute(trial, make_trial):
    make_trial(name="often")
    Schedule.objects.filter(pk="often").update(every_seconds=60)
    for state in ("stopped", "refused", "running"):
        make_run(state=state)
    for _number in range(5):
        make_run("often")
    make_run(created_at=ago(hours=25))
    assert stand("jobs-reliability") == ("unknown", None)
    make_run(state="interrupted")
    assert stand("jobs-reliability") == ("fail", 0.0)


def test_reliability_is_never_rounded_up(trial):
    make_run(state="failed")
    for _number in range(48):
        make_run()
    # 48 of 49: 97.96 per cent.
    assert stand("jobs-reliability") == ("warn", 97.9)


def test_reliability_names_the_jobs_that_failed(trial):
    make_run(state="failed")
    make_run(state="failed")
    make_run()
    assert said_in(read("jobs-reliability"), "en")[1] == "1 of 3 runs succeeded. Failed: Trial 2."


@pytest.mark.parametrize(("key", "most"), [("jobs-failing", 3), ("jobs-slots", 2), ("jobs-reliability", 2)])
def test_number_of_queries_does_not_grow(trial, make_trial, django_assert_max_num_queries, key, most):
    for name in ("one", "two"):
        make_trial(name=name)
    for name in ("trial", "one", "two"):
        failed_in_a_row(2, name)
        make_slot(name, reason="missed")
    with django_assert_max_num_queries(most):
        read(key)


def checked(**length):
    make_run("verify-audit-log", ended_at=ago(**length))


@pytest.mark.parametrize(("days", "state", "figure"), [(None, "unknown", None), (4, "unknown", None), (2, "ok", 0)])
def test_audit_log_is_believed_only_when_it_was_checked_lately(signed_in, days, state, figure):
    if days:
        checked(days=days)
    answer = read("audit-verified")
    check_answer(answer, signed_in)
    assert stand("audit-verified") == (state, figure)


def test_audit_log_that_is_not_as_it_was_sealed_fails(signed_in):
    checked(hours=2)
    make_failed_item("verify-audit-log", error="NOT as it was sealed.")
    answer = read("audit-verified")
    check_answer(answer, signed_in)
    assert stand("audit-verified") == ("fail", 1)
    assert answer.evidence[0].url == "/ops/jobs/verify-audit-log/items/"


def test_audit_log_that_is_not_sealed_in_time_warns(transactional_db):
    """Only what is committed waits for a seal."""
    checked(hours=2)
    AuditLog.objects.create(actor_kind="person", action_type="TURN_SWITCH_OFF")
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        answer = read("audit-verified")
    assert (str(answer.state), [act.url for act in answer.acts]) == ("warn", ["/ops/jobs/seal-audit-log/run/"])

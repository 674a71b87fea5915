from datetime import timedelta

import pytest

from jobs import needs
from jobs.engine.ending import ACTOR
from jobs.models import Lease, Schedule
from opsportal import clock
from opsportal.needs import STANDSTILL, TRUST, WAITING
from switches import actions as switches
from tests import asking
from tests.factories import make_failed_item, make_run
from tests.jobs.trial import SWITCH


@pytest.fixture
def on_time(trial):
    """No slot is overdue: made with the database, they may be hours old."""
    Schedule.objects.update(slots_until=clock.now())
    return trial


def test_jobs_that_run_need_nobody(on_time, owner):
    make_run()
    make_failed_item(state="waiting")
    assert asking.needs(needs.found, owner) == []


def test_a_job_that_fails_in_a_row_stands_still(on_time, owner):
    make_run(state="failed", ended_because="failed", error="ValueError: no.\nat line 3")
    Lease.objects.filter(pk="trial").update(failures=2, failures_version=1)
    Lease.objects.filter(pk="trial").update(failures_version=needs.desk_of(asking.request_of(owner)).jobs[-2].standing.switch.version)
    (found,) = needs.found(asking.request_of(owner))
    assert (found.harm, str(found.state), found.title) == (STANDSTILL, "fail", "Trial failed 2 times in a row")
    assert found.detail == "ValueError: no. At failure 4 its switch turns off."
    assert (found.act.url, found.act.permission, found.act.is_post) == ("/ops/jobs/trial/run/", "jobs.run", True)


def test_a_job_that_turned_itself_off_leads_to_its_switch(on_time, owner):
    switches.turn_off(actor=ACTOR, name=SWITCH, reason="failed 4 times")
    found = [need for need in needs.found(asking.request_of(owner)) if "Trial" in need.title]
    assert [(need.harm, need.title, need.detail) for need in found] == [(STANDSTILL, "Trial turned itself off", "failed 4 times")]
    assert (found[0].act.url, found[0].act.permission) == (f"/ops/switches/{SWITCH}/", "switches.turn_on")


def test_a_run_that_no_worker_takes(on_time, owner):
    make_run(state="queued", created_at=clock.now() - timedelta(hours=1))
    assert asking.needs(needs.found, owner) == [(STANDSTILL, "fail", "No worker takes Trial")]


def test_a_scheduler_that_is_away(on_time, owner):
    Schedule.objects.update(slots_until=clock.now() - timedelta(hours=3))
    assert (STANDSTILL, "fail", "Nothing schedules the jobs") in asking.needs(needs.found, owner)


def test_items_that_were_given_up_wait_and_those_of_the_audit_logs_check_are_about_trust(on_time, owner):
    make_failed_item(state="given_up")
    make_failed_item(state="given_up")
    make_failed_item("verify-audit-log", state="given_up")
    assert sorted(asking.needs(needs.found, owner)) == [
        (TRUST, "fail", "The audit log is not as it was sealed"), (WAITING, "warn", "2 failed items of Trial need a person"),
    ]  # fmt: skip


def test_a_desk_that_was_read_is_not_read_again_for_the_navigation(on_time, owner, django_assert_num_queries):
    make_failed_item(state="given_up")
    request = asking.request_of(owner)
    with django_assert_num_queries(3):
        list(needs.found(request))
        from jobs.frame import _waiting

        assert _waiting(request) == 1

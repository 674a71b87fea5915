from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from jobs.models import Run, Schedule, Slot
from opsportal import clock
from switches import actions as switches
from tests.factories import make_failed_item, make_person, make_run
from tests.jobs.conftest import SYSTEM, run_now
from tests.jobs.trial import SWITCH
from tests.jobs.views.conftest import numbers, text
from tests.signing_in import sign_in

JOB = "/ops/jobs/trial/"
RUN_NOW = f"{JOB}run/"


@pytest.fixture
def unsent(monkeypatch):
    """No broker in these tests."""
    monkeypatch.setattr("opsportal.broker.send", lambda task, *values, **options: True)


def make_slot(**fields):
    return Slot.objects.create(**{"job": "trial", "due_at": clock.now()} | fields)


def test_job_says_its_limits_schedule_and_figures(cto, trial):
    make_run()
    page = text(cto.get(JOB))
    for words in (
        "Writes numbers.",
        "every hour at :00",
        "Minimum interval none",
        "10 × 100 items, 60 s a run, lease of 90 s",
        "median 1 s, p95 1 s",
    ):
        assert words in page, words


def test_job_that_is_not_there_is_a_page_that_says_so(cto):
    response = cto.get("/ops/jobs/no-such/")
    assert (response.status_code, "This version of the portal has no job “no-such”." in text(response)) == (404, True)


def test_run_now_queues_a_run_of_the_person_and_leads_to_it(cto, owner, trial, unsent):
    assert RUN_NOW in cto.get(JOB).content.decode()
    response = cto.post(RUN_NOW)
    run = Run.objects.get()
    assert (response.url, run.trigger, run.actor_label) == (f"/ops/jobs/runs/{run.pk}/", "person", owner.actor.label)
    assert AuditLog.objects.get().action_type == "RUN_JOB"


def too_soon():
    Schedule.objects.filter(pk="trial").update(min_interval=3600)


@pytest.mark.parametrize(
    ("prepare", "why", "what_to_do"),
    [
        (lambda: switches.turn_off(actor=SYSTEM, name="ENABLE_JOBS", reason="x"), "The master switch ENABLE_JOBS is off.", "To the master switch"),
        (lambda: switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x"), "The job's switch is off.", "To its switch"),
        (lambda: make_run(state="running"), "Another run of this job was waiting or running.", "To run #"),
        (too_soon, "The last run began less than the minimum interval before. Until", "Change the schedule"),
    ],
)
def test_before_the_click_the_page_says_why_it_would_not_run(cto, trial, prepare, why, what_to_do):
    run_now(trial)
    prepare()
    response = cto.get(JOB)
    page = text(response)
    assert (f"It would not run now. {why}" in page, what_to_do in page, RUN_NOW in response.content.decode()) == (True, True, False)


def test_refused_run_now_makes_no_run_and_says_why(cto, trial):
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x")
    response = cto.post(RUN_NOW, follow=True)
    assert (response.redirect_chain, Run.objects.count()) == ([(JOB, 302)], 0)
    assert text(response).startswith("The job's switch is off.")


def test_viewer_sees_everything_but_no_button_and_reads_who_may(onlooker, trial):
    response = onlooker.get(JOB)
    assert (RUN_NOW in response.content.decode(), f"{JOB}schedule/" in response.content.decode()) == (False, False)
    assert "You can look. These roles can run and stop it: Support, Catalog, Engineer, CTO." in text(response)


@pytest.mark.parametrize(("role", "run", "schedule"), [("viewer", 403, 403), ("support", 302, 403), ("catalog", 302, 403), ("engineer", 302, 200)])
@pytest.mark.usefixtures("trial", "unsent")
def test_each_role_may_what_the_table_says(client, role, run, schedule):
    sign_in(client, make_person(role=role))
    assert (client.post(RUN_NOW).status_code, client.get(f"{JOB}schedule/").status_code) == (run, schedule)


def test_looking_changes_nothing(cto, trial):
    make_failed_item()
    for page in (JOB, f"{JOB}runs/", f"{JOB}slots/", f"{JOB}items/", f"{JOB}schedule/"):
        assert cto.get(page).status_code == 200
    assert cto.get(RUN_NOW).status_code == 405
    assert (Run.objects.count(), AuditLog.objects.count(), Slot.objects.count()) == (1, 0, 0)


def test_queries_do_not_grow_with_what_there_is(cto, trial):
    def counted():
        with CaptureQueriesContext(connection) as queries:
            assert cto.get(JOB).status_code == 200
        return len(queries)

    make_slot(run=make_failed_item().run)
    counted()
    one = counted()
    for number in range(3):
        make_slot(run=make_failed_item().run, due_at=clock.now() - timedelta(hours=number + 1))
    assert counted() == one


def test_runs_are_pages_and_filtered_by_state(cto, trial, monkeypatch):
    made = [make_run().pk for _number in range(55)]
    failed = make_run(state="failed", error="ValueError: no\nmore")
    first = cto.get(f"{JOB}runs/")
    assert numbers(first) == [failed.pk, *reversed(made)][:50]
    assert "ValueError: no" in text(first)
    older = first.context["page"].older
    assert numbers(cto.get(f"{JOB}runs/", {"cursor": older})) == [failed.pk, *reversed(made)][50:]
    assert numbers(cto.get(f"{JOB}runs/", {"state": "failed"})) == [failed.pk]
    assert "No run is in this state" in text(cto.get(f"{JOB}runs/", {"state": "stopped"}))
    assert cto.get(f"{JOB}runs/", {"cursor": "x"}).status_code == 400


def test_other_jobs_runs_are_not_listed(cto, make_trial):
    make_trial()
    make_trial(name="other")
    make_run("other")
    assert "It has not run yet" in text(cto.get(f"{JOB}runs/"))


def test_runs_of_a_job_that_is_gone_are_still_listed(cto):
    run = make_run("gone")
    assert numbers(cto.get("/ops/jobs/gone/runs/")) == [run.pk]
    assert cto.get("/ops/jobs/never/runs/").status_code == 404


def test_slots_say_what_became_of_them(cto, trial):
    run = make_run()
    make_slot(run=run)
    make_slot(due_at=clock.now() - timedelta(hours=1), reason="master_off")
    page = text(cto.get(f"{JOB}slots/"))
    assert (f"succeeded Run #{run.pk}" in page, "did not run The master switch ENABLE_JOBS is off." in page) == (True, True)
    only = text(cto.get(f"{JOB}slots/", {"reason": "any"}))
    assert (f"Run #{run.pk}" in only, "The master switch ENABLE_JOBS is off." in only) == (False, True)


def test_slots_are_pages(cto, trial):
    now = clock.now()
    dues = [make_slot(due_at=now - timedelta(minutes=number), reason="missed").due_at for number in range(53)]
    first = cto.get(f"{JOB}slots/").context["page"]
    second = cto.get(f"{JOB}slots/", {"cursor": first.older}).context["page"]
    assert [slot.due_at for slot in (*first.rows, *second.rows)] == dues
    assert "No slot yet" in text(cto.get("/ops/jobs/sweep/slots/"))

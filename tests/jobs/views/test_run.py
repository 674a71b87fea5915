from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from jobs.models import Run, RunBatch
from opsportal import clock
from switches import actions as switches
from tests.factories import make_failed_item, make_person, make_run
from tests.jobs.conftest import SYSTEM, run_now
from tests.jobs.trial import SWITCH
from tests.jobs.views.conftest import text
from tests.signing_in import sign_in


def page_of(run, part=""):
    return f"/ops/jobs/runs/{run.pk}/{part}"


@pytest.fixture
def going(trial):
    """A run with two batches behind it."""
    now = clock.now()
    started = now - timedelta(seconds=20)
    run = make_run(
        state="running", trigger="person", actor_label="Ana Souza (CTO)", started_at=started, created_at=started, heartbeat_at=now, worker="w:1", token=7,
        batches=2, items=150, failed_items=1, cursor_before={"after": 0}, cursor_after={"after": 150},
    )  # fmt: skip
    RunBatch.objects.create(run=run, number=1, seconds=0.5, items=100, failed_items=0, cursor={"after": 100}, lines=["12 prices changed"])
    RunBatch.objects.create(run=run, number=2, seconds=2, items=50, failed_items=1, cursor={"after": 150})
    RunBatch.objects.create(run=run, number=3, items=10, failed_items=0, cursor={"after": 160})
    return run


def test_run_that_goes_on_shows_progress_batches_and_log(cto, going):
    response = cto.get(page_of(going))
    page = text(response)
    for words in (
        "Batches2 of 10", "150 items done, 1 failed.", "Stop at its next batch", "a person, Ana Souza (CTO)", "w:1", "Fencing token 7",
        '{ "after": 0 }', '{ "after": 150 }', '1 ⏲ 100 0 0.5 s 200 {"after": 100}', '2 ⏲ 50 1 2 s 25 {"after": 150}',
        "Asked for by Ana Souza (CTO) (a person).", "Started on w:1 with fencing token 7.", "Batch 1: 100 items in 0.5 s. 12 prices changed",
        "Batch 2: 50 items in 2 s, 1 of them failed.", "Batch 3: 10 items in under 0.1 s.",
    ):  # fmt: skip
        assert words in page, words
    assert f'hx-get="{page_of(going, "progress/")}" hx-trigger="live"' in response.content.decode()


def test_progress_is_the_part_that_changes(cto, going):
    response = cto.get(page_of(going, "progress/"), headers={"HX-Request": "true"})
    assert (response.status_code, b"<html" in response.content, "150 items done" in text(response)) == (200, False, True)
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    Run.objects.update(items=250)
    assert "250 items done" in text(cto.get(page_of(going, "progress/"), headers={"HX-Request": "true"}))


def test_progress_of_a_run_that_ended_loads_the_page_anew_and_asks_no_more(cto, trial):
    run = make_run()
    response = cto.get(page_of(run, "progress/"), headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"
    assert cto.get(page_of(run, "progress/")).url == page_of(run)
    assert 'hx-trigger="live"' not in cto.get(page_of(run)).content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "queued"}, "It starts when a worker takes it."),
        ({"state": "succeeded", "ended_because": "max_batches"}, "It did as many batches as one run may"),
        ({"state": "stopped", "ended_because": "stopped", "stop_asked_at": clock.now(), "stop_asked_by": "Vera"}, "Vera asked it to stop."),
        ({"state": "failed", "ended_because": "error", "error": "ValueError: no\n\nTraceback x"}, "ValueError: no Traceback x"),
        ({"state": "interrupted", "ended_because": "lost"}, "Its worker gave no sign of life until the lease ran out."),
        ({"state": "refused", "ended_because": "switch_off"}, "did not run The job's switch is off."),
    ],
)
def test_each_state_of_a_run_says_why(cto, trial, fields, words):
    assert words in text(cto.get(page_of(make_run(**fields))))


def test_real_run_reads_as_it_went(cto, trial):
    def spoil(batch):
        batch.log(f"{len(batch.items)} looked at")
        if batch.items[0].value == 1:
            batch.fail(batch.items[4], "no price")

    trial.before = spoil
    run = run_now(trial)
    page = text(cto.get(page_of(run)))
    for words in (
        "succeeded Everything was done.",
        "250 1 failed in 3 batches",
        "Batch 3: 50 items",
        "50 looked at",
        "5 will be tried again 1 attempt",
    ):
        assert words in page, words


def test_stop_asks_for_the_end_and_is_audited(cto, owner, going):
    response = cto.post(page_of(going, "stop/"), follow=True)
    going.refresh_from_db()
    assert (response.redirect_chain, going.stop_asked_by) == ([(page_of(going), 302)], owner.actor.label)
    assert f"{owner.actor.label} stopped it: it ends before its next batch." in text(response)
    assert "stopped a run at its next batch" in text(response)
    assert AuditLog.objects.get().entity_id == str(going.pk)
    assert "stopped it already" in text(cto.post(page_of(going, "stop/"), follow=True))


def test_run_that_ended_has_no_stop_button_and_says_so(cto, trial):
    run = make_run()
    assert "Stop at its next batch" not in text(cto.get(page_of(run)))
    assert text(cto.post(page_of(run, "stop/"), follow=True)).startswith("This run has ended already.")


def test_failed_items_are_done_again_in_a_run_of_their_own(cto, trial, monkeypatch):
    monkeypatch.setattr("opsportal.broker.send", lambda task, *values, **options: True)
    run = make_failed_item(state="given_up").run
    assert "Do the failed items again" in text(cto.get(page_of(run)))
    response = cto.post(page_of(run, "again/"))
    again = Run.objects.get(again=run)
    assert response.url == page_of(again)
    assert f"Does again failed items of #{run.pk}" in text(cto.get(page_of(again)))
    assert f"Done again in #{again.pk}" in text(cto.get(page_of(run)))


def test_failed_items_that_cannot_be_done_again_now_say_why_and_have_no_button(cto, trial):
    run = make_failed_item().run
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x")
    response = cto.get(page_of(run))
    assert "They can be done again in a run of their own, but not now: The job's switch is off." in text(response)
    assert page_of(run, "again/") not in response.content.decode()
    assert text(cto.post(page_of(run, "again/"), follow=True)).startswith("The job's switch is off.")


def test_minimum_interval_does_not_hold_failed_items_back(cto, make_trial):
    run = make_failed_item(run=run_now(make_trial(min_interval=3600))).run
    assert page_of(run, "again/") in cto.get(page_of(run)).content.decode()


def test_run_without_open_items_offers_nothing_to_do_again(cto, trial):
    run = make_failed_item(state="settled").run
    assert page_of(run, "again/") not in cto.get(page_of(run)).content.decode()
    assert text(cto.post(page_of(run, "again/"), follow=True)).startswith("No item of this run waits any more.")


def test_run_leads_to_the_one_before_and_after(cto, trial):
    first, _other, second, third = make_run(), make_run("sweep"), make_run(), make_run()
    response = cto.get(page_of(second))
    assert (response.context["older"], response.context["newer"]) == (first.pk, third.pk)


def test_run_of_a_job_that_is_gone_is_shown(cto):
    run = make_failed_item("gone").run
    page = text(cto.get(page_of(run)))
    assert ("This version of the portal has no such job any more." in page, "They can't be done again" in page) == (True, True)


def test_run_that_is_not_there_is_a_page_that_says_so(cto):
    for part in ("", "progress/"):
        response = cto.get(f"/ops/jobs/runs/4711/{part}")
        assert (response.status_code, "There is no run 4711, or not any more: runs are kept for 30 days." in text(response)) == (404, True)
    assert cto.post("/ops/jobs/runs/4711/stop/").status_code == 404


def test_viewer_sees_the_run_and_no_button(onlooker, going):
    response = onlooker.get(page_of(going))
    page = response.content.decode()
    assert ("150 items done" in text(response), page_of(going, "stop/") in page) == (True, False)
    assert "These roles can run and stop it: Support, Catalog, Engineer, CTO." in text(response)


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("support", 302), ("engineer", 302)])
def test_stop_is_for_those_who_may_run(client, going, role, status):
    sign_in(client, make_person(role=role))
    assert client.post(page_of(going, "stop/")).status_code == status


def test_queries_do_not_grow_with_batches_and_items(cto, going):
    def counted():
        with CaptureQueriesContext(connection) as queries:
            assert cto.get(page_of(going)).status_code == 200
        return len(queries)

    make_failed_item(run=going)
    counted()
    one = counted()
    for number in range(4, 7):
        RunBatch.objects.create(run=going, number=number, seconds=1, items=1, failed_items=1)
        make_failed_item(run=going)
    assert counted() == one

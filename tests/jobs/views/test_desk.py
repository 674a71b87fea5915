from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs import registry
from jobs.engine.ending import ACTOR
from jobs.models import Lease, Schedule
from opsportal import clock
from switches import actions as switches
from switches.queries import states
from tests.factories import make_failed_item, make_run
from tests.jobs.conftest import SYSTEM
from tests.jobs.trial import SWITCH
from tests.jobs.views.conftest import text
from tests.signing_in import sign_in

JOBS = "/ops/jobs/"


@pytest.fixture
def no_own_jobs():
    """The portal's own are not there."""
    own = registry.all_jobs()
    for job in own:
        registry.unregister(job.name)
    yield
    for job in own:
        registry.register(job)


@pytest.fixture
def only_trial(no_own_jobs, trial):
    """Ticks have come up to now."""
    Schedule.objects.update(slots_until=clock.now())
    return trial


def test_job_in_order_says_its_schedule_last_run_and_next_slot(client, owner, only_trial):
    with time_machine.travel("2030-11-22 14:20:00+00:00", tick=False):
        Schedule.objects.update(slots_until=clock.now())
        run = make_run(items=40)
        response = sign_in(client, owner).get(JOBS)
    page = text(response)
    assert 'datetime="2030-11-22T15:00:00+00:00"' in response.content.decode()
    figures = "median 1 s, p95 1 s, 40 items/s"
    for words in ("Trial trial in order", "Schedule every hour at :00", f"succeeded #{run.pk} ⏲, 1 s", figures, "No failure in a row, 3 allowed"):
        assert words in page, words


def fail():
    make_run(state="failed", ended_because="error", error="ValueError: no\n\nTraceback")
    Lease.objects.update(failures=2, failures_version=states([SWITCH])[SWITCH].version)


@pytest.mark.parametrize(
    ("prepare", "tag", "why"),
    [
        (lambda: make_run(state="running"), "running", "started ⏲: 0 items so far."),
        (lambda: make_run(state="queued"), "waiting for a worker", "waits for a worker."),
        (lambda: make_run(state="queued", created_at=clock.now() - timedelta(minutes=5)), "no worker takes it", "no worker of the queue “jobs” has taken it"),
        (lambda: switches.turn_off(actor=SYSTEM, name=SWITCH, reason="enough"), "off", "The job's switch is off."),
        (lambda: switches.turn_off(actor=ACTOR, name=SWITCH, reason="failed"), "turned itself off", "More than 3 failures in a row turned its switch off ⏲."),
        (lambda: None, "never ran", "No run to measure yet."),
        (fail, "failing", "The job failed. ValueError: no"),
        (lambda: make_run(state="failed", ended_because="error", error="ValueError: no"), "failed", "Trial trial failed The job failed. ValueError: no"),
        (lambda: make_run(state="interrupted", ended_because="lost"), "interrupted", "Trial trial interrupted Its worker gave no sign of life"),
        (lambda: make_failed_item(state="given_up"), "items need a person", "1 failed item needs a person"),
    ],
)  # fmt: skip
def test_each_state_of_a_job_has_its_word_and_its_reason(cto, only_trial, prepare, tag, why):
    prepare()
    response = cto.get(JOBS)
    assert (f"</svg>{tag}</span>" in response.content.decode(), why in text(response)) == (True, True)


def test_failures_in_a_row_are_counted_against_what_is_allowed(cto, only_trial):
    fail()
    assert "2 failures in a row, 3 allowed" in text(cto.get(JOBS))


def test_without_a_tick_the_page_says_that_no_scheduler_runs(cto, only_trial):
    make_run()
    assert "No scheduler is running." not in text(cto.get(JOBS))
    Schedule.objects.update(slots_until=clock.now() - timedelta(hours=3))
    page = text(cto.get(JOBS))
    assert ("No scheduler is running." in page, "Trial trial no scheduler A slot was due ⏲, and nobody has made it." in page) == (True, True)


def test_master_that_is_off_stands_first_with_who_and_why(cto, owner, only_trial):
    assert "No job runs" not in text(cto.get(JOBS))
    switches.turn_off(actor=owner.actor, name="ENABLE_JOBS", reason="the database is full")
    page = text(cto.get(JOBS))
    for words in ("No job runs: the master switch ENABLE_JOBS is off.", "Turned off ⏲ by Ana Souza (CTO).", "Reason: the database is full"):
        assert words in page, words


def test_portal_without_jobs_says_so(cto, no_own_jobs):
    page = text(cto.get(JOBS))
    assert ("No job is registered" in page, "ENABLE_JOBS" in page) == (True, True)


def test_strip_shows_the_last_30_runs_with_their_states(cto, only_trial):
    for _number in range(29):
        make_run()
    make_run(state="failed")
    make_run(state="interrupted")
    page = cto.get(JOBS).content.decode()
    assert [page.count(f'class="c-state is-{tone}"') for tone in ("ok", "fail", "warn")] == [28, 1, 1]
    assert "28 of the last 30 runs succeeded with every item" in page


def test_queries_do_not_grow_with_the_jobs(cto, no_own_jobs, make_trial):
    make_trial()
    make_run()
    counted(cto)
    alone = counted(cto)
    for number in range(2):
        make_trial(name=f"trial-{number}")
        for _run in range(3):
            make_failed_item(f"trial-{number}")
    assert counted(cto) == alone


def counted(client):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(JOBS).status_code == 200
    return len(queries)


def test_jobs_need_the_permission(client, viewer):
    assert client.get(JOBS).status_code == 302
    assert sign_in(client, viewer).get(reverse("jobs")).status_code == 200

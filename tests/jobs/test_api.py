from datetime import timedelta

import pytest
from django.test import Client

from accounts.actions import create_api_client
from audit.models import AuditLog
from jobs import registry
from jobs.engine.execution import execute
from jobs.models import Run
from opsportal import clock
from opsportal.api import description
from switches import actions as switches
from tests.jobs.calling import CURRENT, HEADER, PREVIOUS, bearer, call, refused, state, with_secret
from tests.jobs.conftest import SYSTEM, run_now
from tests.jobs.trial import SWITCH

# Let in. The run is queued within the test's transaction, so Celery is never told.
QUEUED = 202


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = CURRENT, PREVIOUS


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_call_of_the_runbook_queues_a_run(transactional_db, trial, settings, method):
    answer = call(method=method, http=Client(enforce_csrf_checks=True), **HEADER)
    run = Run.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"run_id": run.pk, "status_url": f"{settings.OPS_BASE_URL}/api/internal/jobs/runs/{run.pk}"})
    assert (answer["Content-Type"], answer["Cache-Control"], "Set-Cookie" in answer) == ("application/json", "no-store", False)
    assert (run.job, run.state, run.trigger, run.actor_kind, run.actor_id, run.actor_label) == (
        "trial", "queued", "api", "client", "CRON_SECRET", "cron secret",
    )  # fmt: skip
    row = AuditLog.objects.get(action_type="RUN_JOB")
    assert (row.actor_kind, row.actor_label, row.entity_id) == ("client", "cron secret", str(run.pk))


@pytest.mark.parametrize(
    ("headers", "label"),
    [
        ({"x-cron-secret": CURRENT}, "cron secret"), ({"x-cron-secret": PREVIOUS}, "cron secret (previous)"), ({"X-Cron-Secret": f" {CURRENT} "}, "cron secret"),
        (bearer(CURRENT), "cron secret"), (bearer(PREVIOUS), "cron secret (previous)"), ({"Authorization": f"bearer  {CURRENT}"}, "cron secret"),
        # Some proxies put their own there.
        ({"x-cron-secret": CURRENT, "Authorization": "Basic eDp5"}, "cron secret"), ({"x-cron-secret": PREVIOUS} | bearer("wrong"), "cron secret (previous)"),
        # An empty header is none.
        ({"x-cron-secret": ""} | bearer(CURRENT), "cron secret"),
    ],
)  # fmt: skip
def test_both_secrets_open_in_either_header(trial, headers, label):
    assert (call(**headers).status_code, Run.objects.get().actor_label) == (QUEUED, label)


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_an_api_key_with_the_scope_opens_and_is_the_actor(trial, header):
    made = create_api_client(actor=SYSTEM, name="scheduler", scopes=["jobs"])
    assert call(**{header: f"Bearer {made.raw}" if header == "Authorization" else made.raw}).status_code == QUEUED
    assert Run.objects.get().actor == made.client.actor


def test_an_api_key_without_the_scope_does_not(trial):
    made = create_api_client(actor=SYSTEM, name="product", scopes=["signups", "flags"])
    answer = call(**bearer(made.raw))
    assert (refused(answer), answer.json()["scope"], Run.objects.count()) == ((403, "missing_scope", None), "jobs", 0)


def test_an_api_key_is_no_cron_secret(trial):
    made = create_api_client(actor=SYSTEM, name="scheduler", scopes=["jobs"])
    assert with_secret(made.raw) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"x-cron-secret": ""}, {"x-cron-secret": "   "}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "}, {"Authorization": CURRENT},
        {"Authorization": f"Basic {CURRENT}"}, {"Cookie": f"x-cron-secret={CURRENT}"},
    ],
)  # fmt: skip
def test_who_sends_nothing_is_401_and_is_no_guesser(trial, headers):
    answers = [call(**headers) for _ in range(12)]
    assert {(answer.status_code, answer["WWW-Authenticate"], answer["Cache-Control"]) for answer in answers} == {
        (401, 'Bearer realm="ops"', "no-store")
    }
    assert Run.objects.count() == 0


@pytest.mark.parametrize(
    "secret",
    [
        "wrong", CURRENT[:-1], f"{CURRENT}x", CURRENT.upper(), f"{CURRENT},{CURRENT}", f"{CURRENT}\x00", "\x00", "ä" * 40, "日本" * 20, "\udcff" * 40, "%00", "x" * 8000,
        "ops_x_y", "None", "0" * 32,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x-cron-secret", "Authorization"])
def test_a_wrong_secret_is_401_whatever_it_is(trial, name, secret):
    answer = call(**{name: f"Bearer {secret}" if name == "Authorization" else secret})
    assert (refused(answer), "jobs" in answer.json(), Run.objects.count()) == ((401, "unauthenticated", None), False, 0)


def test_a_wrong_header_is_not_made_good_by_the_other(trial):
    assert call(**{"x-cron-secret": "wrong"} | bearer(CURRENT)).status_code == 401


@pytest.mark.parametrize("secret", ["", "x", "x" * 31, "ä" * 32, "\x00" * 32])
def test_an_empty_or_short_secret_shuts_out_everybody(trial, settings, secret):
    settings.CRON_SECRET = secret
    # The previous one does not open beside it either.
    tries = [{"x-cron-secret": secret}, bearer(secret), {"x-cron-secret": PREVIOUS}, bearer(PREVIOUS), {"x-cron-secret": "None"}, {}]
    assert [call(**headers).status_code for headers in tries] == [401] * 6
    assert Run.objects.count() == 0


def test_a_short_previous_secret_opens_nothing_and_the_current_one_does(trial, settings):
    settings.CRON_SECRET_PREVIOUS = "short"
    assert (with_secret("short"), with_secret(CURRENT)) == (401, QUEUED)


def test_a_secret_of_32_characters_is_enough(trial, settings):
    settings.CRON_SECRET = "x" * 32
    assert with_secret("x" * 32) == QUEUED


def test_unknown_job_is_404_with_the_jobs_for_those_who_may(trial):
    answer = call("/api/internal/jobs/price-trackr", **HEADER)
    assert (answer.status_code, answer.json()["code"], answer.json()["jobs"]) == (404, "job_unknown", [job.name for job in registry.all_jobs()])


@pytest.mark.parametrize(
    "name", ["%00", "trial%00", "a%0Ab", "..", "TRIAL", "trial ", "x" * 3000, "%F0%9F%92%A3", "%ff", "%25s", "runs", "trial/", "trial/x", ""]
)
def test_a_hostile_name_is_404(trial, name):
    assert (call(f"/api/internal/jobs/{name}", **HEADER).status_code, Run.objects.count()) == (404, 0)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"])
def test_other_methods_are_405_and_start_nothing(trial, method):
    answer = call(method=method, **HEADER)
    assert (answer.status_code, sorted(answer["Allow"].split(", ")), Run.objects.count()) == (405, ["GET", "POST"], 0)


def test_a_body_means_nothing_and_a_large_one_is_413(trial):
    assert (refused(call(body="x" * 2_000_000, **HEADER)), Run.objects.count()) == ((413, "too_large", None), 0)
    assert call(body="\x00{not json", **HEADER).status_code == QUEUED


def test_a_large_body_of_a_stranger_is_not_looked_at(trial):
    assert call(body="x" * 2_000_000).status_code == 401


def test_master_off_is_said_first(trial):
    until = clock.now() + timedelta(hours=1)
    switches.turn_off(actor=SYSTEM, name="ENABLE_JOBS", reason="x", until=until)
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x")
    answer = call(**HEADER)
    assert (refused(answer), answer.json()["until"], answer["Cache-Control"]) == ((409, "not_run", "master_off"), until.isoformat(), "no-store")
    assert Run.objects.count() == 0


def test_switch_off(trial):
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x")
    answer = call(**HEADER)
    assert (refused(answer), "until" in answer.json()) == ((409, "not_run", "switch_off"), False)


def test_too_soon_says_until_when(make_trial):
    run = run_now(make_trial(min_interval=600))
    answer = call(**HEADER)
    assert (refused(answer), answer.json()["until"]) == ((409, "not_run", "too_soon"), (run.started_at + timedelta(seconds=600)).isoformat())


def test_already_running_says_which(trial):
    first = call(**HEADER).json()
    answer = call(method="GET", **HEADER)
    assert (refused(answer), answer.json()["run_id"]) == ((409, "not_run", "already_running"), first["run_id"])


def test_the_status_tells_how_a_run_goes(trial):
    number = call(**HEADER).json()["run_id"]
    answer = state(number)
    run = Run.objects.get()
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {
        "run_id": number, "job": "trial", "state": "queued", "because": "", "detail": "", "started_by": "cron secret", "batches": 0, "items": 0,
        "failed_items": 0, "created_at": _json(run.created_at), "started_at": None, "ended_at": None, "error": "",
    }  # fmt: skip
    execute(number)
    said, run = state(number).json(), Run.objects.get()
    assert (said["state"], said["because"], said["detail"], said["batches"], said["items"]) == (
        "succeeded",
        "all_done",
        "Everything was done.",
        3,
        250,
    )
    assert (said["started_at"], said["ended_at"]) == (_json(run.started_at), _json(run.ended_at))


def _json(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_status_of_a_failed_run_has_one_line_without_secrets(trial):
    def fail(cursor, limit):
        raise ValueError("no answer from postgres://ops:hunter22@db.example/ops")

    trial.next_items = fail
    said = state(run_now(trial).pk).json()
    assert (said["state"], said["because"], said["error"]) == ("failed", "error", "ValueError: no answer from postgres://ops:•••@db.example/ops")


@pytest.mark.parametrize("run_id", ["0", "999999", "9223372036854775808", "9" * 5000, "x", "-1", "1/"])
def test_the_status_of_no_run_is_404(trial, run_id):
    assert state(run_id).status_code == 404


def test_the_status_asks_for_the_same_secrets(trial):
    number = call(**HEADER).json()["run_id"]
    assert [state(number, **headers).status_code for headers in ({"x": "y"}, {"x-cron-secret": "wrong"}, bearer(PREVIOUS))] == [401, 401, 200]
    assert call(f"/api/internal/jobs/runs/{number}", **HEADER).status_code == 405


def test_openapi_describes_both_calls_and_both_ways_in():
    paths = description()["paths"]
    start = paths["/api/internal/jobs/{name}"]
    assert sorted(start) == ["get", "post"]
    assert [start[method]["operationId"] for method in ("get", "post")] == ["start_job_by_get", "start_job"]
    assert start["post"]["security"] == [{"CronSecretHeader": []}, {"CronBearer": []}]
    assert sorted(start["post"]["responses"]) == [202, 401, 403, 404, 409, 413, 429, 503]
    assert sorted(paths["/api/internal/jobs/runs/{run_id}"]) == ["get"]

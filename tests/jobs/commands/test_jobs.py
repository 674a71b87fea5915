import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from jobs import actions, registry
from jobs.models import FailedItem, Trigger
from opsportal import clock
from switches import actions as switches
from tests.jobs.conftest import SYSTEM, run_now
from tests.jobs.trial import SWITCH

CURRENT = "current-secret-of-the-tests-0123456789"


def told(capsys):
    call_command("jobs", "--json")
    return json.loads(capsys.readouterr().out)


def trial_of(capsys):
    return next(job for job in told(capsys)["jobs"] if job["name"] == "trial")


def lines(capsys):
    call_command("jobs")
    return capsys.readouterr().out.splitlines()


def about_trial(capsys):
    """Its own lines: the first is not indented."""
    said = lines(capsys)
    begin = said.index(next(line for line in said if line.startswith("trial ")))
    own = [said[begin]]
    for line in said[begin + 1 :]:
        if not line.startswith("  "):
            break
        own.append(line)
    return own


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    # Noon in São Paulo.
    time_machine.move_to("2026-11-20T15:10:00+00:00", tick=False)


def test_a_job_that_never_ran(trial, capsys):
    assert trial_of(capsys) == {
        "name": "trial", "switch": SWITCH, "switch_on": True, "switch_forced_off": False, "state": "never", "every_seconds": 3600, "daily_at": None,
        "min_interval": 0, "next_due": "2026-11-20T16:00:00Z", "not_now": None, "failures_in_a_row": 0, "items_waiting": 0, "items_given_up": 0,
        "active": None, "last": None,
    }  # fmt: skip
    assert about_trial(capsys) == [f"trial  ({SWITCH} on)", "  every 60 minutes, next due 2026-11-20 13:00:00 -03"]


def test_every_registered_job_is_listed_and_the_master(trial, capsys):
    facts = told(capsys)
    assert ([job["name"] for job in facts["jobs"]], facts["master_on"]) == ([job.name for job in registry.all_jobs()], True)


def test_a_job_that_ran_failed_some_and_may_not_run_again_yet(make_trial, capsys):
    trial = make_trial(min_interval=900)
    trial.before = lambda batch: batch.items[0].value == 1 and batch.fail(batch.items[0], "no")
    run = run_now(trial)
    facts = trial_of(capsys)
    assert facts["not_now"]["reason"] == "too_soon"
    assert (facts["last"]["run_id"], facts["last"]["state"], facts["last"]["because"], facts["last"]["items"]) == (
        run.pk,
        "succeeded",
        "all_done",
        250,
    )
    assert (facts["items_waiting"], facts["items_given_up"]) == (1, 0)
    assert about_trial(capsys)[2:] == [
        f"  last run {run.pk}: succeeded at 2026-11-20 12:10:00 -03, 250 items",
        f"  would not run now: {facts['not_now']['detail']}",
        "  failed items: 1 wait for another attempt, 0 for a person",
    ]
    FailedItem.objects.update(state="given_up")
    assert about_trial(capsys)[-1] == "  failed items: 0 wait for another attempt, 1 for a person"


def test_a_run_that_waits(trial, capsys):
    run = actions.request_run(actor=SYSTEM, job="trial", trigger=Trigger.PERSON)
    facts = trial_of(capsys)
    assert (facts["active"]["run_id"], facts["active"]["state"], facts["not_now"]["reason"]) == (run.pk, "queued", "already_running")
    assert about_trial(capsys)[2:] == [f"  run {run.pk}: waiting for a worker"]


def test_switches_that_are_off(trial, capsys, monkeypatch):
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x")
    assert about_trial(capsys)[0] == f"trial  ({SWITCH} off)"
    assert about_trial(capsys)[2:] == ["  would not run now: The job's switch is off."]
    switches.turn_off(actor=SYSTEM, name="ENABLE_JOBS", reason="x")
    assert (lines(capsys)[0], told(capsys)["master_on"]) == ("The master switch ENABLE_JOBS is off.", False)
    # Said once, above all of them.
    assert about_trial(capsys)[2:] == []


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"every_seconds": 30}, "every 30 seconds"), ({"every_seconds": 1}, "every second"), ({"every_seconds": 60}, "every minute"),
        ({"every_seconds": 90}, "every 90 seconds"), ({"daily_at": clock.now().replace(hour=3, minute=5).time().replace(second=0, microsecond=0)}, "daily at 03:05"),
    ],
)  # fmt: skip
def test_the_schedule_in_words(trial, capsys, times, words):
    actions.change_schedule(actor=SYSTEM, job="trial", reason="x", min_interval=0, **times)
    assert about_trial(capsys)[1].startswith(f"  {words}, next due ")


def test_when_the_cron_secrets_were_last_used(trial, capsys, settings, client, time_machine):
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = CURRENT, "short"
    assert lines(capsys)[-2:] == ["CRON_SECRET: never used", "CRON_SECRET_PREVIOUS: set, but it opens nothing; “manage.py check” says why"]
    client.get("/api/internal/jobs/trial", headers={"x-cron-secret": CURRENT}, REMOTE_ADDR="203.0.113.7")
    time_machine.move_to(clock.now() + timedelta(minutes=5), tick=False)
    settings.CRON_SECRET_PREVIOUS = ""
    assert lines(capsys)[-2:] == ["CRON_SECRET: last used 2026-11-20 12:10:00 -03 from 203.0.113.7", "CRON_SECRET_PREVIOUS: not set"]
    assert told(capsys)["cron_secrets"] == [
        {"name": "CRON_SECRET", "set": True, "opens": True, "last_used_at": "2026-11-20T15:10:00Z", "last_used_from": "203.0.113.7"},
        {"name": "CRON_SECRET_PREVIOUS", "set": False, "opens": False, "last_used_at": None, "last_used_from": None},
    ]
    settings.CRON_SECRET, settings.CRON_SECRET_PREVIOUS = "n" * 32, CURRENT
    client.get("/api/internal/jobs/trial", headers={"x-cron-secret": CURRENT}, REMOTE_ADDR="")
    assert lines(capsys)[-1] == "CRON_SECRET_PREVIOUS: last used 2026-11-20 12:15:00 -03 from a socket"

from datetime import timedelta

import pytest

from audit.models import AuditLog
from jobs import actions
from jobs.engine.sending import AGAIN_AFTER, send_waiting
from jobs.models import FailedItem, Run, Trigger
from opsportal import clock
from opsportal.errors import Conflict, NotFound
from switches import actions as switches
from tests.jobs.conftest import SYSTEM, run_now
from tests.jobs.trial import SWITCH


def ask():
    return actions.request_run(actor=SYSTEM, job="trial", trigger=Trigger.PERSON)


def why():
    with pytest.raises(actions.NotRun) as refused:
        ask()
    return refused.value.facts["reason"]


def test_requested_run_waits_and_is_audited(trial, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr("opsportal.broker.send", lambda task, *values, **options: sent.append((task.name, values, options)) or True)
    with django_capture_on_commit_callbacks(execute=True):
        run = ask()
    assert (run.state, run.trigger) == ("queued", "person")
    assert AuditLog.objects.get().entity_id == str(run.pk)
    assert sent == [("jobs.tasks.run", (run.pk,), {"queue": "jobs", "expires": 300, "soft_time_limit": 70, "time_limit": 80})]


def test_what_goes_wrong_with_the_message_is_not_the_callers(trial, django_capture_on_commit_callbacks, monkeypatch, caplog):
    def broken(task, *values, **options):
        raise ValueError("the broker speaks nonsense")

    monkeypatch.setattr("opsportal.broker.send", broken)
    with django_capture_on_commit_callbacks(execute=True):
        run = ask()
    assert (Run.objects.get().pk, Run.objects.get().state) == (run.pk, "queued")
    assert "the broker speaks nonsense" in caplog.text
    # The tick sends it.
    sent = []
    Run.objects.update(sent_at=clock.now() - timedelta(seconds=AGAIN_AFTER + 1))
    monkeypatch.setattr("opsportal.broker.send", lambda task, *values, **options: sent.append(values) or True)
    send_waiting()
    assert sent == [(run.pk,)]


def test_run_of_an_unknown_job_names_the_jobs(trial):
    with pytest.raises(NotFound) as refused:
        actions.request_run(actor=SYSTEM, job="no-such", trigger=Trigger.PERSON)
    assert "trial" in refused.value.facts["jobs"]


def test_second_request_is_refused_while_one_waits(trial):
    ask()
    assert why() == "already_running"
    assert AuditLog.objects.count() == 1


def test_request_is_refused_by_the_switch(trial):
    switches.turn_off(actor=SYSTEM, name=SWITCH, reason="enough")
    assert why() == "switch_off"


def test_request_within_the_minimum_interval_is_refused_with_its_end(make_trial):
    trial = make_trial(min_interval=3600)
    run_now(trial)
    with pytest.raises(actions.NotRun) as refused:
        ask()
    assert (refused.value.facts["reason"], refused.value.code) == ("too_soon", "not_run")
    assert refused.value.facts["until"] > "2026"


def test_lost_run_does_not_hold_a_request_back(trial):
    from jobs.models import Lease

    run = Run.objects.create(job="trial", trigger=Trigger.COMMAND, state="running", token=1)
    Lease.objects.filter(pk="trial").update(run=run, until="2020-01-01T00:00Z", token=1)
    assert ask().state == "queued"
    run.refresh_from_db()
    assert run.state == "interrupted"


def test_waiting_run_is_stopped_at_once(trial):
    run = ask()
    actions.stop_run(actor=SYSTEM, run_id=run.pk, reason="not now")
    run.refresh_from_db()
    assert (run.state, run.ended_because) == ("stopped", "stopped")
    with pytest.raises(Conflict):
        actions.stop_run(actor=SYSTEM, run_id=run.pk)


def test_rerun_needs_failed_items(trial):
    with pytest.raises(Conflict, match="waits any more"):
        actions.rerun_failed_items(actor=SYSTEM, run_id=run_now(trial).pk)


def test_rerun_ignores_the_minimum_interval(make_trial):
    trial = make_trial(3, min_interval=3600)
    trial.before = lambda batch: batch.fail(batch.items[0], "away")
    first = run_now(trial)
    assert FailedItem.objects.count() == 1
    assert actions.rerun_failed_items(actor=SYSTEM, run_id=first.pk).again_id == first.pk


def test_unknown_run_is_not_found(db):
    for act in (actions.stop_run, actions.rerun_failed_items):
        with pytest.raises(NotFound):
            act(actor=SYSTEM, run_id=12345)

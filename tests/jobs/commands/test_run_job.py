import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditLog
from jobs.engine.lease import claim
from jobs.models import Run
from switches import actions as switches
from tests.jobs.conftest import SYSTEM, effects
from tests.jobs.trial import SWITCH


def run_job(capsys, *arguments):
    """What it says, and the code it ends with."""
    try:
        call_command("run_job", *arguments)
    except CommandError as error:
        return str(error), error.returncode
    return capsys.readouterr().out.splitlines(), 0


def test_it_queues_a_run_as_the_person_at_the_prompt(trial, capsys):
    said = run_job(capsys, "trial")
    run = Run.objects.get()
    assert said == ([f"Run {run.pk} of trial waits for a worker."], 0)
    assert (run.state, run.trigger, run.actor_kind, effects()) == ("queued", "command", "cli", [])
    assert AuditLog.objects.get().action_type == "RUN_JOB"


def test_with_wait_it_is_carried_out_here(trial, capsys):
    said, code = run_job(capsys, "trial", "--wait")
    run = Run.objects.get()
    assert said[-1] == f"Run {run.pk} of trial succeeded. Everything was done."
    assert said[-2].startswith("Batches: 3, items: 250, of which failed: 0, seconds: ")
    assert (code, run.state, run.trigger, len(effects())) == (0, "succeeded", "command", 250)


def test_with_wait_no_message_is_sent_for_it(trial, capsys, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run_job(capsys, "trial", "--wait")
    assert Run.objects.get().sent_at is None


def test_with_wait_a_run_that_waits_already_is_taken_up(trial, capsys):
    run_job(capsys, "trial")
    _said, code = run_job(capsys, "trial", "--wait")
    assert (code, Run.objects.get().state, len(effects())) == (0, "succeeded", 250)


def test_with_wait_a_failed_run_ends_with_1_and_its_error(trial, capsys):
    def fail(cursor, limit):
        raise ValueError("no\nmore")

    trial.next_items = fail
    said, code = run_job(capsys, "trial", "--wait")
    assert (said, code) == (f"Run {Run.objects.get().pk} of trial did not succeed. The job failed. ValueError: no", 1)


def test_with_wait_a_run_stopped_by_its_switch_ends_with_1(trial, capsys):
    trial.before = lambda batch: batch.items[0].value == 101 and switches.turn_off(actor=SYSTEM, name=SWITCH, reason="x")
    said, code = run_job(capsys, "trial", "--wait")
    assert (said, code) == (f"Run {Run.objects.get().pk} of trial did not succeed. The job's switch was turned off meanwhile.", 1)
    assert len(effects()) == 200


def test_interrupted_it_gives_the_lease_back_and_ends_with_1(transactional_db, trial, capsys):
    def interrupt(batch):
        raise KeyboardInterrupt

    trial.before = interrupt
    said, code = run_job(capsys, "trial", "--wait")
    run = Run.objects.get()
    assert (said, code) == (f"Run {run.pk} of trial did not succeed. The worker was stopped. The next run goes on where it stood.", 1)
    assert run.state == "interrupted"


@pytest.mark.parametrize("arguments", [["trial"], ["trial", "--wait"]])
@pytest.mark.parametrize(("switch", "why"), [("ENABLE_JOBS", "The master switch ENABLE_JOBS is off."), (SWITCH, "The job's switch is off.")])
def test_what_does_not_run_ends_with_2_and_the_reason(trial, capsys, arguments, switch, why):
    switches.turn_off(actor=SYSTEM, name=switch, reason="x")
    assert run_job(capsys, *arguments) == (why, 2)
    assert Run.objects.count() == 0


def test_with_wait_one_that_runs_elsewhere_ends_with_2(trial, capsys):
    run_job(capsys, "trial")
    claim(Run.objects.get().pk)
    _said, code = run_job(capsys, "trial", "--wait")
    assert (code, effects(), Run.objects.count()) == (2, [], 1)


@pytest.mark.parametrize("name", ["trail", "a\x00b", "", "x" * 500])
def test_unknown_job_is_one_line_with_the_jobs(trial, capsys, name):
    said, code = run_job(capsys, name)
    assert code == 1
    assert "There are: " in said
    assert "\n" not in said
    assert ", trial, " in said

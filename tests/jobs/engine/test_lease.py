from jobs import actions
from jobs.engine import lease
from jobs.models import Lease, Run, Trigger
from tests.jobs.conftest import SYSTEM


def test_claim_of_a_run_that_another_worker_refused_meanwhile_takes_nothing(trial, monkeypatch):
    run = actions.request_run(actor=SYSTEM, job="trial", trigger=Trigger.COMMAND)
    try_it = lease._try

    def late(*values):
        Run.objects.update(state="refused")
        return try_it(*values)

    monkeypatch.setattr(lease, "_try", late)
    assert lease.claim(run.pk) is None
    assert Run.objects.values_list("state", "ended_because").get(pk=run.pk) == ("refused", "")
    assert Lease.objects.values_list("token", "run").get(pk="trial") == (0, None)


def test_claim_that_finds_the_lease_held_says_so_on_the_run(trial):
    run = actions.request_run(actor=SYSTEM, job="trial", trigger=Trigger.COMMAND)
    Lease.objects.filter(pk="trial").update(until="2199-01-01T00:00Z")
    assert lease.claim(run.pk) is None
    assert Run.objects.values_list("state", "ended_because").get(pk=run.pk) == ("refused", "already_running")

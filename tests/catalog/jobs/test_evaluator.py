import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

from audit.actors import Actor
from catalog.jobs.evaluator import AlertEvaluator
from catalog.models import Alert, AlertEvent, Offer
from jobs import actions, registry
from jobs.engine.execution import execute
from jobs.models import Lease, Run, RunBatch, Trigger
from notify.models import Message
from opsportal.errors import Conflict
from switches.actions import turn_off
from tests.factories import make_alert, make_destination, make_offer
from tests.live import ROOT, _url_of

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def run_now() -> Run:
    Lease.objects.filter(pk="alert-evaluator").update(ran_at=None)
    run = actions.request_run(actor=SYSTEM, job="alert-evaluator", trigger=Trigger.COMMAND)
    execute(run.pk)
    return Run.objects.get(pk=run.pk)


@pytest.fixture
def crossed() -> list[Alert]:
    """Three alerts whose price is under their line."""
    make_destination(name="push")
    product = make_offer(price=8_000).product
    return [make_alert(product=product) for _number in range(3)]


def test_the_job_is_declared_as_the_manual_says():
    job = registry.get("alert-evaluator")
    assert (job.switch, job.schedule.interval.total_seconds(), job.batch_size, job.max_batches) == ("ENABLE_ALERT_EVALUATOR", 900, 100, 10)


def test_a_run_fires_what_has_crossed_and_the_next_fires_nothing(crossed):
    run = run_now()
    assert (run.state, run.items, run.failed_items) == ("succeeded", 3, 0)
    assert RunBatch.objects.get(run=run).lines == ["3 fired."]
    assert (AlertEvent.objects.count(), Message.objects.count()) == (3, 3)
    assert run_now().state == "succeeded"
    assert (AlertEvent.objects.count(), Message.objects.count()) == (3, 3)


def test_a_run_takes_every_alert_in_batches_and_begins_again(crossed, monkeypatch):
    monkeypatch.setattr(AlertEvaluator, "batch_size", 2)
    monkeypatch.setattr(AlertEvaluator, "max_batches", 1)
    first, second = run_now(), run_now()
    assert (first.items, first.ended_because, second.items, second.ended_because) == (2, "max_batches", 1, "all_done")
    assert AlertEvent.objects.count() == 3
    assert Lease.objects.get(pk="alert-evaluator").cursor is None


def test_switched_off_it_does_not_run(crossed):
    turn_off(actor=SYSTEM, name="ENABLE_ALERT_EVALUATOR", reason="too many pushes")
    with pytest.raises(Conflict) as refused:
        run_now()
    assert refused.value.facts["reason"] == "switch_off"
    assert AlertEvent.objects.count() == 0


DIES = """
import sys, time, django
django.setup()
from django.db import transaction
from audit.actors import Actor
from catalog.actions import fire_alerts
with transaction.atomic():
    print(len(fire_alerts(actor=Actor.system("alert-evaluator"), alert_ids=sys.argv[1:])), flush=True)
    time.sleep(600)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_a_batch_each_alert_fires_once_all_the_same(crossed):
    # One transaction holds crossing, event, message and audit row.
    environment = {**os.environ, "DATABASE_URL": _url_of(os.environ["DATABASE_URL"], connection.settings_dict["NAME"]), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DIES, *(str(alert.pk) for alert in crossed)]
    with subprocess.Popen(command, cwd=ROOT, env=environment | {"DJANGO_SETTINGS_MODULE": "opsportal.settings"}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        fired = process.stdout.readline()
        process.kill()
    assert (fired, process.returncode, AlertEvent.objects.count()) == (b"3\n", -signal.SIGKILL, 0)
    # It waits for the locks until the server has noticed.
    assert (run_now().items, run_now().items) == (3, 3)
    assert list(AlertEvent.objects.values_list("crossing", flat=True)) == [1, 1, 1]
    assert Message.objects.count() == 3


def test_one_alert_that_cannot_be_looked_at_does_not_keep_the_others_back(crossed, monkeypatch):
    from catalog.actions import alert_firing

    bad, real = crossed[1].pk, alert_firing.owe

    def owe(event: AlertEvent, best: Any) -> None:
        if event.alert_id == bad:
            raise ValueError("no")
        real(event, best)

    monkeypatch.setattr(alert_firing, "owe", owe)
    run = run_now()
    assert (run.items, run.failed_items, AlertEvent.objects.count()) == (3, 1, 2)
    monkeypatch.setattr(alert_firing, "owe", real)
    Offer.objects.update(price=7_000)
    run_now()
    assert AlertEvent.objects.filter(alert=bad).count() == 1

import threading
from datetime import timedelta

import pytest

from audit.actors import Actor
from health.actions import run_probe
from health.models import Probe, ProbeResult
from health.probing.job import Probes
from jobs import actions
from jobs.deadline import Deadline
from jobs.engine.execution import execute
from jobs.job import Batch
from jobs.models import Run, RunBatch, Trigger
from opsportal import clock
from opsportal.errors import Conflict
from tests.factories import make_probe

SYSTEM = Actor.system("tests")


def run():
    asked = actions.request_run(actor=SYSTEM, job="probes", trigger=Trigger.COMMAND)
    execute(asked.pk)
    return Run.objects.get(pk=asked.pk)


def test_the_due_ones_are_looked_at(db, shop):
    due, failing = make_probe(url=f"{shop.url}/"), make_probe(url="http://127.0.0.1:9/")
    make_probe(url=f"{shop.url}/later", due_at=clock.now() + timedelta(hours=1))
    make_probe(url=f"{shop.url}/paused", paused_at=clock.now())
    done = run()
    assert (done.state, done.items) == ("succeeded", 2)
    assert RunBatch.objects.get(run=done).lines == ["1 of 2 did not answer as expected."]
    assert [request.path for request in shop.requests] == ["/"]
    assert set(ProbeResult.objects.values_list("probe", "ok", "asked_by")) == {(due.pk, True, ""), (failing.pk, False, "")}
    assert Probe.objects.filter(due_at__lte=clock.now()).count() == 0


def test_with_nothing_due_it_succeeds(db):
    assert run().state == "succeeded"


def test_nothing_is_looked_at_in_a_transaction(transactional_db, shop, monkeypatch):
    """The job's connection is free while it waits for the outside."""
    from django.db import connection

    make_probe(url=f"{shop.url}/")
    seen = []
    monkeypatch.setattr(
        "health.probing.job.look_at_all", lambda plans: seen.append(connection.in_atomic_block) or {plan.probe_id: None for plan in plans}
    )
    Probes().fetch(Batch(Probes().next_items(None, 100), Deadline(60)))
    assert seen == [False]


def test_two_looks_at_once_write_once(transactional_db, shop):
    """The second has its answer before the first has written; whoever comes second writes nothing."""
    probe = make_probe(url=f"{shop.url}/")
    both = threading.Barrier(2, timeout=60)

    def respond(request, write):
        both.wait()
        return 200, {}, b""

    shop.respond = respond
    found = []

    def look():
        from django.db import connection

        try:
            run_probe(actor=SYSTEM, probe_id=probe.pk)
            found.append("written")
        except Conflict as error:
            found.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == ["moved", "written"]
    assert (ProbeResult.objects.count(), Probe.objects.get().turn) == (1, 1)


@pytest.mark.parametrize("ok", [True, False])
def test_a_paused_probe_that_is_run_by_hand_stays_as_it_is(db, shop, ok):
    shop.answers(200 if ok else 500)
    probe = make_probe(url=f"{shop.url}/", paused_at=clock.now(), state="down")
    assert run_probe(actor=SYSTEM, probe_id=probe.pk).ok is ok
    probe.refresh_from_db()
    assert (probe.state, probe.due_at, probe.last_ok) == ("down", None, ok)

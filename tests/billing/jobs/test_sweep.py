"""The job as the engine runs it: its parts in their order, what it says, and where the next run begins."""

from datetime import timedelta
from typing import Any

import pytest

from audit.actors import Actor
from billing.jobs.sweep import BillingSweep
from billing.models import Checkout, Finding, Grant, WebhookEvent
from billing.queries.finding import open_findings_summary
from billing.sweeping import JOB
from jobs import registry
from jobs.actions import request_run
from jobs.engine.execution import execute
from jobs.engine.standing import ensure_rows
from jobs.models import FailedItem, Run, RunBatch, Schedule, Trigger
from opsportal import clock
from sandbox.providers.world import World
from tests.billing.factories import make_checkout, make_finding, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _may_run_at_once(world: World) -> None:
    world.stripe.events.clear()
    ensure_rows(registry.all_jobs())
    Schedule.objects.filter(job=JOB).update(min_interval=0)


def sweep() -> Run:
    run = request_run(actor=Actor.system("tests"), job=JOB, trigger=Trigger.COMMAND)
    execute(run.pk)
    return Run.objects.get(pk=run.pk)


def said(run: Run) -> list[str]:
    return [line for batch in RunBatch.objects.filter(run=run).order_by("number") for line in batch.lines]


def test_run_looks_catches_up_asks_and_sums_up(world: World) -> None:
    make_payment(make_checkout(state="paid", ask_at=None))
    waiting = make_checkout()
    Checkout.objects.filter(pk=waiting.pk).update(session_id=world.stripe.start_checkout(waiting.checkout_id, amount=2990))
    payment = world.stripe.pay(Checkout.objects.get(pk=waiting.pk).session_id)
    run = sweep()
    lines = said(run)
    assert (run.state, run.ended_because, run.failed_items) == ("succeeded", "all_done", 0)
    assert lines.pop(0) == "What changed was looked at, 2 checkouts had changed: 1 findings opened, 0 closed."
    assert lines[0] == "Everything was looked at, 0 checkouts had changed: 0 findings opened, 0 closed."
    assert lines[1].startswith("stripe: 2 changes listed, 2 of them had never come; read until ")
    assert lines[2].startswith("mercadopago: 0 changes listed, 0 of them had never come; read until ")
    assert lines[3:] == [f"{waiting.checkout_id}: granted", "1 findings are open, 0 more are handled. Nothing is mended without a person."]
    assert Grant.objects.get().payment.payment_id == payment  # type: ignore[union-attr]
    assert set(WebhookEvent.objects.values_list("source", flat=True)) == {"asked"}
    assert (open_findings_summary().count, open_findings_summary().looked.is_stale) == (1, False)


def test_everything_is_looked_at_once_a_day() -> None:
    def looks() -> list[str]:
        return [line.partition(" was looked")[0] for line in said(sweep()) if "looked at" in line]

    assert looks() == ["What changed", "Everything"]
    assert looks() == ["What changed"]
    RunBatch.objects.update(ended_at=clock.now() - timedelta(days=1))
    assert looks() == ["What changed", "Everything"]


def test_run_that_was_cut_is_taken_up_behind_its_last_part() -> None:
    make_checkout(provider="mercadopago")
    job = BillingSweep()
    keys, cursor = [], None
    while items := job.next_items(cursor, 1):
        keys.append(items[0].key)
        cursor = items[0].after
        if items[0].key.startswith("asking about "):
            Checkout.objects.update(ask_at=None)
    assert keys == [
        "changed",
        "everything",
        "catching up stripe",
        "catching up mercadopago",
        f"asking about {Checkout.objects.get().checkout_id}",
        "summing up",
    ]
    assert [one.key for one in job.next_items(["catching up", 1], 2)] == ["catching up mercadopago", "summing up"]


def test_provider_that_is_away_fails_its_items_and_no_others(world: World) -> None:
    make_checkout(checkout_id="chk_waits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.stripe, "key", "sk_test_another")
        run = sweep()
    failed = {item.key: item.error for item in FailedItem.objects.filter(run=run)}
    refused = "Stripe refuses the access token (401)."
    assert (run.state, failed) == ("succeeded", {"catching up stripe": refused, "asking about chk_waits": refused})
    # What could not be asked is due by its own time; the list is read again with each run.
    assert sweep().failed_items == 0
    assert [item.key for item in FailedItem.objects.exclude(state="settled")] == ["asking about chk_waits"]


def test_cap_of_mending_holds_for_a_run_and_each_is_tried_once(settings: Any) -> None:
    settings.OPS_RECONCILE_AUTOMATICALLY, settings.OPS_RECONCILE_MOST = True, 2
    for _number in range(3):
        checkout = make_checkout(state="paid", ask_at=None, customer_key="")
        make_finding(checkout, kind="product_not_told", subject=f"customer:{checkout.pk}", fix_tries=0)
    job = BillingSweep()
    keys, cursor = [], ["asking about", 40]
    while items := job.next_items(cursor, 1):
        keys.append(items[0].key)
        cursor = items[0].after
    first, second, _third = Finding.objects.order_by("pk").values_list("pk", flat=True)
    assert keys == [f"mending {first}", f"mending {second}", "summing up"]

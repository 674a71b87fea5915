import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Callback
from billing.reconciling import snapshot
from billing.reconciling.shape import Told, plan_now
from opsportal import clock
from opsportal.errors import NotFound
from tests.billing.conftest import Canned
from tests.billing.factories import make_checkout, make_event, make_finding, make_grant, make_payment, make_plan
from tests.billing.reconciling import stripe_says
from tests.factories import make_message

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_the_provider_is_asked_by_every_id_we_have(canned: Canned) -> None:
    stripe_says.paid(canned)
    checkout = make_checkout(session_id="cs_1", checkout_id="chk_1")
    make_payment(checkout, payment_id="pi_1")
    found = snapshot("chk_1")
    assert found.report is not None
    assert [(one.id, one.amount, one.state) for one in found.report.payments] == [("pi_1", 2990, "approved")]
    assert (found.asked.at, found.asked.code) == (found.report.asked_at, "")


def test_what_could_not_be_asked_is_said_and_not_guessed(canned: Canned) -> None:
    canned.says("/v1/checkout/sessions/cs_1", {}, status=503)
    make_checkout(session_id="cs_1", checkout_id="chk_1")
    found = snapshot("chk_1")
    assert (found.report, found.asked.code, found.asked.could_not) == (None, "broken", True)
    assert found.asked.words == "Stripe has a problem of its own (503)."


def test_without_asking_nothing_goes_out(canned: Canned) -> None:
    make_checkout(session_id="cs_1", checkout_id="chk_1")
    found = snapshot("chk_1", ask=False)
    assert (found.asked.code, found.asked.could_not, canned.asked) == ("not_asked", False, [])


def test_a_checkout_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        snapshot("chk_0")


def test_events_that_came_before_the_checkout_was_known_are_among_its_own() -> None:
    checkout = make_checkout(session_id="cs_1", checkout_id="chk_1")
    payment = make_payment(checkout, payment_id="pi_1")
    known = [
        make_event(object_id="cs_1", received_at=clock.now() - 3 * HOUR), make_event(object_id="pi_1", received_at=clock.now() - 2 * HOUR),
        make_event(payment=payment, object_id="ch_1", received_at=clock.now() - HOUR), make_event(checkout=checkout, object_id="re_1"),
    ]  # fmt: skip
    make_event(object_id="cs_1", provider="mercadopago")
    make_event(object_id="pi_2")
    found = snapshot("chk_1", ask=False)
    assert (list(found.events), found.has_more_events) == (known, False)


def test_only_the_newest_events_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["billing.reconciling.snapshot"], "MOST_EVENTS", 2)
    checkout = make_checkout(checkout_id="chk_1")
    events = [make_event(checkout=checkout, received_at=clock.now() - hours * HOUR) for hours in (3, 2, 1)]
    found = snapshot("chk_1", ask=False)
    assert (list(found.events), found.has_more_events) == (events[1:], True)


def test_the_highest_plan_that_holds_counts() -> None:
    low, high = make_plan(rank=1), make_plan(rank=2)
    now = clock.now()
    own: dict[str, Any] = {"customer_key": "hh_1"}
    kept = make_grant(plan=low, **own)
    best = make_grant(plan=high, **own)
    others = [
        make_grant(plan=high, until=now - HOUR, starts_at=now - 3 * HOUR, **own), make_grant(plan=high, starts_at=now + HOUR, **own),
        make_grant(plan=high, ended_at=now, ended_because="hand", **own), make_grant(plan=make_plan(rank=9), customer_key="hh_2"),
    ]  # fmt: skip
    assert (plan_now([kept, best, *others], "hh_1", now), plan_now([kept, *others], "hh_1", now), plan_now(others, "hh_1", now)) == (best, kept, None)
    assert plan_now([make_grant(customer_key="", plan=low)], "", now) is None


def test_what_the_product_was_told_carries_the_outboxs_words() -> None:
    make_checkout(checkout_id="chk_1", customer_key="hh_1")
    dead = make_message(state="dead", finished_at=clock.now(), error="The product answered 503.", attempts=8)
    under_way = make_message(attempts=2, error="too slow")
    for message_id, confirmed in ((None, None), (dead.pk, None), (under_way.pk, None), (under_way.pk, clock.now())):
        Callback.objects.create(customer_key="hh_1", key=Callback.new_key(), payload={}, message_id=message_id, confirmed_at=confirmed)
    told = snapshot("chk_1", ask=False).callbacks
    assert [(one.told, one.error, one.attempts) for one in told] == [
        (Told.CONFIRMED, "", 2), (Told.WAITING, "too slow", 2), (Told.DEAD, "The product answered 503.", 8), (Told.NOT_SENT, "", 0),
    ]  # fmt: skip


def test_findings_are_open_ones_and_past_ones() -> None:
    checkout = make_checkout(checkout_id="chk_1")
    past = make_finding(checkout, closed_at=clock.now(), closed_because="agrees")
    still = make_finding(checkout)
    found = snapshot("chk_1", ask=False)
    assert (found.findings, found.past_findings) == ((still,), (past,))


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_the_same_queries_for_any_number(count: int) -> None:
    checkout = make_checkout(checkout_id="chk_1", customer_key="hh_1", state="paid")
    for _number in range(count):
        payment = make_payment(checkout)
        make_grant(payment)
        make_event(checkout=checkout, payment=payment)
        make_finding(checkout, payment=payment, subject=f"payment:{payment.pk}")
        Callback.objects.create(customer_key="hh_1", checkout=checkout, key=Callback.new_key(), payload={}, message_id=make_message().pk)
    with CaptureQueriesContext(connection) as ran:
        snapshot("chk_1", ask=False)
    assert len(ran) == 16


def test_nothing_is_written() -> None:
    make_payment(make_checkout(checkout_id="chk_1"))
    with CaptureQueriesContext(connection) as ran:
        snapshot("chk_1", ask=False)
    assert [query["sql"][:6] for query in ran.captured_queries if not query["sql"].startswith("SELECT")] == []

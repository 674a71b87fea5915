from datetime import timedelta

import pytest

from billing.models import Finding, WebhookEvent
from billing.sweeping import JOB
from opsportal import clock
from tests.answers import check_answer, read, said_in, stand
from tests.billing.factories import make_checkout, make_event, make_finding
from tests.factories import make_run
from tests.signing_in import sign_in


@pytest.fixture
def signed_in(client, owner):
    return sign_in(client, owner)


def ago(**length):
    return clock.now() - timedelta(**length)


def came(state, times=1, **length):
    for _number in range(times):
        made = make_event(state=state)
        WebhookEvent.objects.filter(pk=made.pk).update(received_at=ago(**length or {"hours": 2}))


def swept(**length):
    make_run(JOB, ended_at=ago(**length))


@pytest.mark.parametrize(("bad", "state", "percent"), [(0, "ok", 100.0), (1, "ok", 99.0), (2, "fail", 98.0)])
def test_webhooks_fail_under_ninety_nine_per_cent(signed_in, bad, state, percent):
    came("done", 100 - bad)
    came("person", bad)
    came("waiting", 3)
    came("person", hours=25)
    answer = read("webhook-success")
    check_answer(answer, signed_in)
    assert stand("webhook-success") == (state, percent)
    assert len(answer.acts) == (state == "fail")


def test_webhooks_say_what_became_of_the_events(db):
    came("done", 1)
    came("handled", 1)
    came("person", 1)
    came("received", 1)
    # 66.67 is not rounded up.
    assert said_in(read("webhook-success"), "en")[:2] == ["66.6 %", "2 of 4 events are processed. 1 needs a person. 1 is under way."]


def test_webhooks_are_unknown_without_events_that_are_over(signed_in):
    came("received")
    check_answer(read("webhook-success"), signed_in)
    assert stand("webhook-success") == ("unknown", None)


def test_no_mismatch_is_believed_of_a_sweep_that_looked_lately(signed_in):
    swept(minutes=5)
    check_answer(read("money-mismatches"), signed_in)
    assert stand("money-mismatches") == ("ok", 0)


@pytest.mark.parametrize("hours", [None, 2])
def test_mismatches_are_unknown_when_nobody_looked_lately(signed_in, hours):
    if hours:
        swept(hours=hours)
    answer = read("money-mismatches")
    check_answer(answer, signed_in)
    assert stand("money-mismatches") == ("unknown", None)
    assert [(act.url, act.is_post) for act in answer.acts] == [(f"/ops/jobs/{JOB}/run/", True)]


def test_one_mismatch_fails_also_when_nobody_looked_lately(signed_in):
    make_finding()
    check_answer(read("money-mismatches"), signed_in)
    assert stand("money-mismatches") == ("fail", 1)


def test_worst_mismatch_leads_and_money_is_named_by_currency(signed_in):
    make_finding(kind="product_not_told", amount=None, currency="")
    less = make_finding(amount=1_000)
    worst = make_finding(make_checkout(customer_key="hh-worst"), amount=2_990)
    make_finding(amount=500, currency="USD")
    Finding.objects.filter(pk=less.pk).update(since=ago(days=9))
    answer = read("money-mismatches")
    check_answer(answer, signed_in)
    assert said_in(answer, "en") == [
        "4", "Paid, plan not given: hh-worst. At risk: R$39.90 + $5.00. The sweep has never looked.", worst.checkout.checkout_id, "Findings",
        "Reconcile",
    ]  # fmt: skip
    assert [(act.url, act.permission) for act in answer.acts] == [(f"/ops/billing/checkouts/{worst.checkout.checkout_id}/", "billing.reconcile")]


def test_mismatch_without_a_checkout_leads_to_the_findings(signed_in):
    make_finding(kind="payment_without_checkout")
    Finding.objects.update(checkout=None)
    answer = read("money-mismatches")
    check_answer(answer, signed_in)
    assert [act.url for act in answer.acts] == ["/ops/billing/findings/"]


def test_handled_and_closed_findings_count_no_more(db):
    swept(minutes=5)
    make_finding(handled_at=ago(hours=1))
    make_finding(closed_at=ago(hours=1))
    assert stand("money-mismatches") == ("ok", 0)


@pytest.mark.parametrize(("hours", "state"), [(None, "ok"), (23, "warn"), (25, "fail")])
def test_events_that_need_a_person_fail_after_a_day(signed_in, hours, state):
    if hours:
        came("person", hours=hours)
        came("person", hours=1)
    came("done")
    answer = read("events-person")
    check_answer(answer, signed_in)
    assert stand("events-person") == (state, 2 if hours else 0)
    assert [act.url for act in answer.acts] == (["/ops/billing/webhooks/replay/?state=person"] if hours else [])


@pytest.mark.parametrize(("key", "most"), [("webhook-success", 1), ("money-mismatches", 3), ("events-person", 2)])
@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_does_not_grow(db, django_assert_num_queries, key, most, rows):
    came("person", rows)
    for _number in range(rows):
        make_finding()
    with django_assert_num_queries(most):
        read(key)

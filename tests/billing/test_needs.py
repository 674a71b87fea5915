from datetime import timedelta

import pytest

from billing import needs
from billing.sweeping import JOB
from opsportal import clock
from opsportal.needs import MONEY, WAITING
from tests import asking
from tests.billing.factories import make_checkout, make_event, make_finding
from tests.factories import make_run


@pytest.fixture
def swept(db):
    return make_run(JOB)


def test_nothing_open_after_a_sweep_needs_nobody(swept, owner):
    assert (asking.needs(needs.found, owner), asking.figure(needs.mismatches, owner)) == ([], ("0", "ok"))


def test_nothing_open_is_not_known_without_a_sweep(owner):
    assert asking.needs(needs.found, owner) == [(MONEY, "unknown", "Nobody has looked for mismatches lately")]
    assert asking.acts(needs.found, owner) == [("Look now", f"/ops/jobs/{JOB}/run/", "jobs.run")]
    assert asking.figure(needs.mismatches, owner) == ("no figure", "unknown")


def test_the_worst_three_findings_stand_by_themselves_and_the_rest_as_one(swept, owner, django_assert_num_queries):
    for kind in ("amount_differs", "state_differs", "paid_twice", "refunded_with_plan", "paid_without_plan"):
        make_finding(make_checkout(customer_key=kind), kind=kind, facts={"state": "refunded", "times": 2})
    assert asking.needs(needs.found, owner) == [
        (MONEY, "fail", "Paid, plan not given: paid_without_plan"), (MONEY, "fail", "Paid twice: paid_twice"),
        (MONEY, "warn", "Refunded or charged back, plan still there: refunded_with_plan"), (MONEY, "warn", "2 more mismatches of money"),
    ]  # fmt: skip
    assert asking.figure(needs.mismatches, owner) == ("5", "fail")
    request = asking.request_of(owner)
    needs.standing_of(request)
    with django_assert_num_queries(1):
        assert len(list(needs.found(request))) == 4


def test_a_finding_leads_to_its_checkout(swept, owner):
    made = make_finding()
    assert asking.acts(needs.found, owner) == [("Reconcile", f"/ops/billing/checkouts/{made.checkout.checkout_id}/", "billing.reconcile")]
    assert [need.since for need in needs.found(asking.request_of(owner))] == [made.since]


def test_a_finding_that_a_person_handled_or_that_closed_counts_no_more(swept, owner):
    make_finding(handled_at=clock.now())
    make_finding(closed_at=clock.now() - timedelta(hours=1))
    assert asking.needs(needs.found, owner) == []


def test_an_event_that_needs_a_person_is_told_of_once(swept, owner):
    make_finding(kind="event_needs_person", event=make_event(state="person"))
    make_event(state="waiting")
    assert asking.needs(needs.found, owner) == [(WAITING, "fail", "1 webhook event needs a person")]

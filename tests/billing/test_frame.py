from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory

from accounts.models import Person
from audit import registry
from billing import frame
from opsportal import clock
from opsportal.frame import Fact
from tests.billing.factories import make_checkout, make_event, make_finding, make_payment
from tests.catalog.views.test_product import text
from tests.factories import make_run
from tests.signing_in import sign_in


@pytest.fixture
def request_of(rf: RequestFactory, viewer: Person) -> Any:
    def build() -> Any:
        request = rf.get("/")
        request.user = viewer
        return request

    return build


def fact_of(request: Any) -> Fact:
    found = frame.fact(request)
    assert found is not None
    return found


def test_mismatches_are_unknown_until_the_sweep_has_looked_lately(request_of: Any) -> None:
    assert fact_of(request_of()).tone == "unknown"
    old = make_run("billing-sweep", ended_at=clock.now() - timedelta(hours=2))
    assert (fact_of(request_of()).tone, str(fact_of(request_of()).word)) == ("unknown", "looked 2 hours ago")
    make_run("billing-sweep", state="failed", ended_at=clock.now())
    assert fact_of(request_of()).tone == "unknown"
    type(old).objects.filter(pk=old.pk).update(ended_at=clock.now())
    assert (fact_of(request_of()).tone, str(fact_of(request_of()).word)) == ("ok", "none")
    make_finding()
    make_finding(handled_at=clock.now())
    make_finding(closed_at=clock.now())
    assert (fact_of(request_of()).tone, fact_of(request_of()).word) == ("warn", "1")


def test_the_navigation_counts_what_waits_for_a_person_once(client: Client, viewer: Person) -> None:
    event = make_event(state="person")
    make_finding(kind="event_needs_person", subject=f"event:{event.pk}", event=event)
    make_finding()
    page = text(sign_in(client, viewer).get("/ops/audit/"))
    assert 'Billing<span class="count"><span class="vh">, waiting for a person: </span>2</span>' in page


def test_the_search_finds_checkouts_payments_and_customers(client: Client, viewer: Person) -> None:
    checkout = make_checkout(checkout_id="chk_1", customer_key="hh_1")
    make_payment(checkout, payment_id="pi_1")
    sign_in(client, viewer)
    assert 'href="/ops/billing/checkouts/chk_1/"' in text(client.get("/ops/search?q=chk_1"))
    assert "pi_1, Stripe" in text(client.get("/ops/search?q=pi_1"))
    assert ("hh_1, 1 checkout" in text(client.get("/ops/search?q=hh_1")), "/ops/billing/?q=hh_1" in text(client.get("/ops/search?q=hh_1"))) == (
        True,
        True,
    )


def test_what_the_audit_log_names_leads_to_its_page() -> None:
    assert registry.entity_url("checkout", "chk_1") == "/ops/billing/checkouts/chk_1/"
    assert registry.entity_url("payment", "pi 1") == "/ops/billing/?q=pi+1"
    assert registry.entity_url("checkout", "a/b") == ""

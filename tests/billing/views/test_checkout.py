from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from audit.models import AuditLog
from billing.models import Callback, Checkout, Grant, Payment
from opsportal import clock
from tests.billing.conftest import Canned
from tests.billing.factories import make_checkout, make_event, make_finding, make_grant, make_payment, make_plan
from tests.billing.reconciling import stripe_says
from tests.catalog.views.test_product import text
from tests.factories import make_message
from tests.signing_in import FRESH_SECONDS, sign_in

PAGE = "/ops/billing/checkouts/chk_1/"


@pytest.fixture
def owed(canned: Canned, settings: Any, db: None) -> Checkout:
    """Paid at the provider and here; the plan was not given."""
    settings.PRODUCT_BACKEND_URL = "http://product.example"
    stripe_says.paid(canned)
    checkout = make_checkout(checkout_id="chk_1", session_id="cs_1", customer_key="hh_1", state="paid", plan=make_plan(key="plus", name="Plus"))
    make_payment(checkout, payment_id="pi_1")
    return checkout


@pytest.fixture
def carla(client: Client, support: Person) -> Client:
    return sign_in(client, support)


def digest_on(page: Any) -> str:
    return str(page.context["form"].initial["digest"])


def test_the_page_says_what_is_wrong_and_what_would_change(carla: Client, owed: Checkout) -> None:
    page = text(carla.get(PAGE))
    for words in ("Paid, plan not given", "The five sides", "hh_1 has no plan.", "disagrees", "<ins>given</ins>", "Give plan Plus", "In order", "Checkout begun, plan Plus"):  # fmt: skip
        assert words in page, words


def test_applying_gives_the_plan_and_shows_the_proof(carla: Client, owed: Checkout) -> None:
    shown = carla.get(PAGE)
    done = carla.post(f"{PAGE}reconcile/", {"reason": "paid, and confirmed", "digest": digest_on(shown)})
    row = AuditLog.objects.get(action_type="RECONCILE_CHECKOUT")
    assert (done.status_code, done["Location"]) == (302, f"{PAGE}?done={row.pk}")
    proof = text(carla.get(done["Location"]))
    for words in ("Done, and read again", "“paid, and confirmed”", f"/ops/audit/{row.pk}/", "All sides agree", "it has not confirmed yet"):
        assert words in proof, words
    assert "Done, and read again" not in text(carla.get(f"{PAGE}?done={row.pk + 1}"))


def test_what_moved_is_said_and_what_was_typed_is_kept(carla: Client, owed: Checkout) -> None:
    shown = carla.get(PAGE)
    make_event(checkout=owed)
    refused = carla.post(f"{PAGE}reconcile/", {"reason": "paid, and confirmed", "digest": digest_on(shown)})
    page = text(refused)
    assert (refused.status_code, "Moved since you looked: the webhook events." in page, "paid, and confirmed</textarea>" in page) == (
        422,
        True,
        True,
    )
    assert Grant.objects.count() == 0
    again = carla.post(f"{PAGE}reconcile/", {"reason": "paid, and confirmed", "digest": refused.context["form"].data["digest"]})
    assert (again.status_code, Grant.objects.count()) == (302, 1)


def test_it_needs_a_reason_and_a_fresh_sign_in(client: Client, support: Person, owed: Checkout) -> None:
    stale = sign_in(client, support, seconds_ago=FRESH_SECONDS + 60)
    shown = stale.get(PAGE)
    assert "You will be asked to sign in again" in text(shown)
    asked = stale.post(f"{PAGE}reconcile/", {"reason": "x", "digest": digest_on(shown)})
    assert (asked.status_code, asked["Location"].startswith("/accounts/reauthenticate/")) == (302, True)
    refused = sign_in(client, support).post(f"{PAGE}reconcile/", {"reason": " ", "digest": digest_on(shown)})
    assert (refused.status_code, "This field is required." in text(refused), Grant.objects.count()) == (422, True, 0)


def test_a_provider_that_does_not_answer_is_unknown_and_nothing_is_offered(carla: Client, owed: Checkout, canned: Canned) -> None:
    canned.says("/v1/checkout/sessions/cs_1", {}, status=503)
    page = text(carla.get(PAGE))
    for words in ("could not ask", "Could not ask: Stripe has a problem of its own (503).", "Nothing is changed without the provider"):
        assert words in page, words
    assert "Give plan Plus" not in page
    refused = text(carla.post(f"{PAGE}reconcile/", {"reason": "paid, and confirmed", "digest": "x"}))
    assert ("Not applied." in refused, "You wrote: “paid, and confirmed”" in refused, Grant.objects.count()) == (True, True, 0)


def test_it_can_be_shown_without_asking(carla: Client, owed: Checkout, canned: Canned) -> None:
    page = text(carla.get(f"{PAGE}?ask=0"))
    assert ("not asked" in page, "Ask the provider" in page, canned.asked) == (True, True, [])


def test_who_may_not_apply_sees_no_form(client: Client, viewer: Person, owed: Checkout) -> None:
    page = text(sign_in(client, viewer).get(PAGE))
    assert ("What would change" in page, "Support, an engineer or the CTO can apply it." in page, "<textarea" in page) == (True, True, False)
    for path in ("reconcile/", "handle/", "resend/", "grant/"):
        assert client.post(PAGE + path, {"reason": "x", "digest": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["", "handle/", "grant/", "resend/", "grants/1/end/"])
def test_a_checkout_that_is_not_there_is_404(client: Client, owner: Person, path: str) -> None:
    sign_in(client, owner)
    for name in ("chk_0", "%00"):
        assert client.get(f"/ops/billing/checkouts/{name}/{path}").status_code == 404


def test_a_checkout_is_marked_as_handled_with_a_note(carla: Client, owed: Checkout) -> None:
    finding = make_finding(owed)
    assert carla.post(f"{PAGE}handle/", {"reason": ""}).status_code == 422
    done = carla.post(f"{PAGE}handle/", {"reason": "refunded by phone"})
    finding.refresh_from_db()
    owed.refresh_from_db()
    assert (done["Location"], owed.handled_note, finding.handled_note, finding.closed_at) == (PAGE, "refunded by phone", "refunded by phone", None)
    row = AuditLog.objects.get()
    assert (row.action_type, row.changes["findings_handled"]) == ("HANDLE_CHECKOUT", [None, ["paid_without_plan"]])
    again = carla.post(f"{PAGE}handle/", {"reason": "refunded by phone"})
    assert (again.status_code, AuditLog.objects.count()) == (422, 1)
    assert "marked it as handled" in text(carla.get(PAGE))


def test_the_product_is_told_again(carla: Client, owed: Checkout) -> None:
    assert "It is told what holds now: no plan." in text(carla.get(f"{PAGE}resend/"))
    done = carla.post(f"{PAGE}resend/", {"reason": "never heard"})
    assert (done["Location"], Callback.objects.get().payload["plan"]) == (PAGE, None)
    assert "on its way" in text(carla.get(PAGE))


def test_a_plan_is_given_by_hand_until_a_day_and_ended(client: Client, owner: Person, owed: Checkout) -> None:
    sign_in(client, owner)
    day = clock.today() + timedelta(days=9)
    assert client.post(f"{PAGE}grant/", {"plan": "plus", "until": "2020-01-01", "reason": "goodwill"}).status_code == 422
    done = client.post(f"{PAGE}grant/", {"plan": "plus", "until": day.isoformat(), "reason": "goodwill"})
    grant = Grant.objects.get()
    assert (done["Location"], grant.source, grant.customer_key, grant.checkout_id) == (PAGE, "hand", "hh_1", owed.pk)
    assert grant.until == clock.end_of_today() + timedelta(days=9)
    page = text(client.get(PAGE))
    assert ("counts now" in page, f"/grants/{grant.pk}/end/" in page) == (True, True)
    ended = client.post(f"{PAGE}grants/{grant.pk}/end/", {"reason": "by mistake"})
    grant.refresh_from_db()
    assert (ended["Location"], grant.ended_because) == (PAGE, "hand")


def test_another_customers_plan_cannot_be_ended_here(client: Client, owner: Person, owed: Checkout) -> None:
    other = make_grant(customer_key="hh_2")
    assert sign_in(client, owner).post(f"{PAGE}grants/{other.pk}/end/", {"reason": "x"}).status_code == 404


def test_only_who_may_is_offered_a_plan_by_hand(client: Client, support: Person, owner: Person, owed: Checkout) -> None:
    Payment.objects.update(amount=1990)
    away = f"{PAGE}?ask=0"
    assert ("Only the CTO gives or ends a plan by hand." in text(sign_in(client, support).get(away)), "grant/" in text(client.get(away))) == (
        True,
        False,
    )
    assert f'href="{PAGE}grant/"' in text(sign_in(client, owner).get(away))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number(client: Client, viewer: Person, count: int) -> None:
    checkout = make_checkout(checkout_id="chk_1", customer_key="hh_1", state="paid")
    for _number in range(count):
        payment = make_payment(checkout)
        make_grant(payment)
        make_event(checkout=checkout, payment=payment)
        make_finding(checkout, payment=payment, subject=f"payment:{payment.pk}")
        Callback.objects.create(customer_key="hh_1", checkout=checkout, key=Callback.new_key(), payload={}, message_id=make_message().pk)
    sign_in(client, viewer).get(f"{PAGE}?ask=0")
    with CaptureQueriesContext(connection) as ran:
        assert client.get(f"{PAGE}?ask=0").status_code == 200
    tables = ("checkout_sessions", "payments", "webhook_events", "plan_grants", "plan_callbacks", "billing_findings", "refunds", "disputes", "ops_audit_logs")  # fmt: skip
    own = [query["sql"] for query in ran if any(f'"{table}"' in query["sql"] for table in tables)]
    assert len(own) == 14

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from opsportal import clock
from tests.billing.factories import make_event
from tests.billing.queries.test_signature import refused
from tests.catalog.views.test_product import text
from tests.signing_in import sign_in

PAGE = "/ops/billing/providers/"


@pytest.fixture
def watcher(client, viewer):
    return sign_in(client, viewer)


@pytest.fixture
def stripe(canned):
    canned.says("/v1/account", {"id": "acct_1", "object": "account", "country": "BR", "settings": {"dashboard": {"display_name": "Loja <b>"}}})
    return canned


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_page_asks_nobody_by_itself(watcher, canned):
    page = text(watcher.get(PAGE))
    assert page.count("not asked yet") == 2
    assert canned.requests == []


def test_provider_that_is_not_set_up_says_so(watcher, settings):
    settings.STRIPE_SECRET_KEY = settings.MERCADOPAGO_ACCESS_TOKEN = ""
    assert text(watcher.get(PAGE)).count("not set up") == 2


def test_asking_shows_whose_account_it_is(watcher, stripe):
    response = watcher.post(f"{PAGE}stripe/ask/")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert told(response) == ["Stripe answers: the token is of “Loja <b>”, acct_1."]
    page = text(watcher.get(PAGE))
    assert "Loja &lt;b&gt;" in page
    assert "<dt>Mode</dt><dd>test</dd>" in page


def test_asking_in_place_answers_the_part_only(watcher, stripe):
    page = text(watcher.post(f"{PAGE}stripe/ask/", headers={"HX-Request": "true"}))
    assert page.startswith('<dl class="facts facts--start">')
    assert "acct_1" in page


@pytest.mark.parametrize(("status", "words"), [(401, "Stripe refuses the access token (401)."), (503, "Stripe has a problem of its own (503).")])
def test_asking_in_vain_says_why(watcher, canned, status, words):
    canned.says("/v1/account", {}, status=status)
    assert told(watcher.post(f"{PAGE}stripe/ask/")) == [words]
    assert words in text(watcher.get(PAGE))


def test_asking_changes_nothing_and_leaves_no_audit_row(watcher, stripe):
    before = AuditLog.objects.count()
    watcher.post(f"{PAGE}stripe/ask/")
    assert AuditLog.objects.count() == before


def test_provider_of_another_name_is_not_found(watcher):
    assert watcher.post(f"{PAGE}paypal/ask/").status_code == 404


def test_no_secret_is_ever_shown(watcher, canned, settings):
    shown = {
        name: f"very-secret-{number}"
        for number, name in enumerate(
            (
                "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET_PREVIOUS", "MERCADOPAGO_ACCESS_TOKEN",
                "MERCADOPAGO_WEBHOOK_SECRET", "MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS",
            )
        )
    }  # fmt: skip
    for name, value in shown.items():
        setattr(settings, name, value)
    canned.says("/v1/account", {"error": {"message": "very-secret-0"}}, status=401)
    watcher.post(f"{PAGE}stripe/ask/")
    page = text(watcher.get(PAGE))
    assert [name for name in shown if name not in page] == []
    assert "very-secret" not in page


def test_signatures_are_shown_with_what_was_refused(watcher):
    make_event()
    refused(2, "too_old", times=4)
    page = text(watcher.get(PAGE))
    assert "signed too long ago" in page
    assert '<span class="tag is-warn">' in page


@pytest.mark.parametrize(
    ("current", "previous", "words"),
    [
        ("", "", "No secret is set"),
        ("", "b", "Only the previous secret is set"),
        ("a", "b", "No signed event has come lately"),
    ],
)
def test_exchange_of_a_secret_is_explained(watcher, settings, current, previous, words):
    settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = current, previous
    settings.MERCADOPAGO_WEBHOOK_SECRET, settings.MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS = "a", ""
    assert text(watcher.get(PAGE)).count(words) == 1


@pytest.mark.parametrize(("hours", "words"), [(3, "keep that"), (30, "it can be retired. Empty its setting")])
def test_previous_secret_is_said_to_be_retired_when_it_can_be(watcher, settings, hours, words):
    settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = "a", "b"
    make_event(signed_by="previous", received_at=clock.now() - timedelta(hours=hours))
    make_event(received_at=clock.now() - timedelta(hours=1))
    assert words in text(watcher.get(PAGE))


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_queries_for_any_number_of_events(watcher, count):
    for _number in range(count):
        make_event()
        make_event(provider="mercadopago")
    watcher.get(PAGE)
    with CaptureQueriesContext(connection) as seen:
        watcher.get(PAGE)
    # The newest events, the last refusals, and their count; the frame has its own.
    assert len([query for query in seen if "AS newest" in query["sql"] or "webhook_signature_counts" in query["sql"]]) == 3

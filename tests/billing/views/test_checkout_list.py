from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from billing.models import Callback
from opsportal import clock
from tests.billing.factories import make_checkout, make_event, make_finding, make_payment, make_plan
from tests.catalog.views.test_product import text
from tests.factories import make_run
from tests.signing_in import sign_in

LIST = "/ops/billing/"


@pytest.fixture
def vera(client: Client, viewer: Person, settings: Any) -> Client:
    settings.PRODUCT_BACKEND_URL = "http://product.example"
    return sign_in(client, viewer)


def shown(client: Client, **query: str) -> list[str]:
    return [one.checkout_id for one in client.get(LIST, query).context["page"].rows]


def test_an_empty_list_says_how_checkouts_come(vera: Client) -> None:
    assert "No checkout yet" in text(vera.get(LIST))


def test_filters_narrow_and_keep_each_other(vera: Client) -> None:
    plus = make_plan(key="plus", name="Plus")
    paid = make_checkout(checkout_id="chk_paid", state="paid", plan=plus)
    make_checkout(checkout_id="chk_open", provider="mercadopago")
    make_finding(paid)
    make_finding(make_checkout(checkout_id="chk_handled"), handled_at=clock.now())
    assert shown(vera) == ["chk_handled", "chk_open", "chk_paid"]
    assert (shown(vera, state="paid"), shown(vera, provider="mercadopago"), shown(vera, plan="plus"), shown(vera, findings="1")) == (
        ["chk_paid"], ["chk_open"], ["chk_paid"], ["chk_paid"],
    )  # fmt: skip
    page = text(vera.get(LIST, {"state": "paid", "q": "chk_paid"}))
    assert ('<input type="hidden" name="state" value="paid">' in page, "?state=paid&amp;q=chk_paid&amp;plan=plus" in page) == (True, True)
    assert "No checkout matches" in text(vera.get(LIST, {"state": "paid", "provider": "mercadopago"}))


def test_a_line_carries_what_was_found(vera: Client) -> None:
    make_finding(make_checkout(checkout_id="chk_1", customer_key="", email="ana@example.com"))
    page = text(vera.get(LIST))
    for words in ('href="/ops/billing/checkouts/chk_1/"', "Paid, plan not given", "nobody yet", "ana@example.com", "R$29.90"):
        assert words in page, words


def test_the_tiles_carry_their_limits(vera: Client) -> None:
    now = clock.now()
    make_run("billing-sweep", ended_at=now)
    checkout = make_checkout(state="paid")
    make_finding(checkout, amount=2990)
    make_payment(checkout, paid_at=now, created_at=now)
    make_payment(checkout, paid_at=now, created_at=now, base="pending", state="pending")
    make_event(state="done", effect="granted")
    make_event(state="person")
    make_event()
    Callback.objects.create(customer_key="hh_1", key="old", payload={})
    Callback.objects.update(created_at=now - timedelta(hours=1))
    tiles = {str(one.label): (one.figure, one.tone, str(one.limit)) for one in vera.get(LIST).context["tiles"]}
    assert tiles == {
        "Paid today": ("1", "ok", "R$29.90"),
        "Open mismatches": ("1", "warn", "R$29.90 at risk"),
        "Webhooks processed, 24 h": ("50", "fail", "of 3; 99 % or more wanted"),
        "Product not told": ("1", "warn", "oldest from 1 hour ago; 15 minutes is the limit"),
    }


def test_the_tile_of_a_product_without_an_address_says_so(vera: Client, settings: Any) -> None:
    settings.PRODUCT_BACKEND_URL = ""
    tile = next(one for one in vera.get(LIST).context["tiles"] if one.label == "Product not told")
    assert (tile.figure, tile.tone, str(tile.limit)) == ("–", "off", "no PRODUCT_BACKEND_URL is set: it reads the plans for itself")


def test_without_data_a_tile_is_unknown_and_never_ok(vera: Client) -> None:
    tiles = {str(one.label): (one.figure, one.tone) for one in vera.get(LIST).context["tiles"]}
    assert (tiles["Open mismatches"], tiles["Webhooks processed, 24 h"]) == (("–", "unknown"), ("–", "unknown"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(vera: Client, count: int) -> None:
    plan = make_plan()
    for _number in range(count):
        make_finding(make_checkout(plan=plan))
    vera.get(LIST)
    with CaptureQueriesContext(connection) as ran:
        assert vera.get(LIST).status_code == 200
    tables = ("checkout_sessions", "payments", "webhook_events", "plan_callbacks", "billing_findings", "plans")
    own = [query["sql"] for query in ran if any(f"{table}" in query["sql"] for table in tables)]
    # The standing (for the frame, too), plans, the page, its findings; paid, events, callbacks, at risk.
    assert len(own) == 8

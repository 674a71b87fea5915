from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from catalog.actions import override_offer
from catalog.models import Offer, Product
from opsportal import clock
from tests.factories import make_alert, make_offer, make_override, make_person, make_price
from tests.signing_in import sign_in


@pytest.fixture
def catalog(client: Client, db: None) -> Client:
    return sign_in(client, make_person(role="catalog", name="Bruno Lima"))


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def busy_offer() -> Offer:
    """One with all that its page shows."""
    now = clock.now()
    offer = make_offer(
        price=10_000, list_price=20_000, held_price=4_000, held_list_price=20_000, held_at=now, error="The page answered 404.", failures=3
    )
    for day in (80, 40, 10):
        make_price(offer, days_ago=day, price=10_000 + day)
    make_price(offer, price=4_000, held=True)
    make_override(
        offer, tracked_amount=11_000, reason="the cart says <b>so</b>", evidence_url="https://shop.example/photo", expires_at=now + timedelta(hours=3)
    )
    make_override(offer, field="list_price", amount=15_000, ended_at=now, ended_because="reverted", ended_by="Leo", reason="was wrong")
    return offer


def test_the_page_says_what_is_shown_and_why(catalog: Client) -> None:
    page = text(catalog.get(f"/ops/offers/{busy_offer().pk}/"))
    for said in (
        "R$90.00", "<del>R$100.00</del>", "The store has changed its mind since:", "was R$110.00, now R$100.00", "the cart says &lt;b&gt;so&lt;/b&gt;",
        'href="https://shop.example/photo"', "The page answered 404.", "3 times in a row", "60 % less than tracked", "was wrong", "Reverted",
    ):  # fmt: skip
        assert (said, said in page) == (said, True)


def test_an_override_that_agrees_can_go(catalog: Client) -> None:
    offer = make_offer(price=9_000)
    make_override(offer, tracked_amount=10_000)
    assert "The store agrees now: the override can go." in text(catalog.get(f"/ops/offers/{offer.pk}/"))


def test_a_bare_offer_has_a_page_too(catalog: Client) -> None:
    page = text(catalog.get(f"/ops/offers/{make_offer(price=None, confirmed_at=None, checked_at=None, availability='unknown').pk}/"))
    assert ("No price yet" in page, "Not known" in page, "A price waits for a decision" in page) == (True, True, False)


@pytest.mark.parametrize("number", [0, 999_999, 10**30])
def test_an_unknown_offer_is_not_found(catalog: Client, number: int) -> None:
    for path in ("", "wrong/", "override/"):
        assert catalog.get(f"/ops/offers/{number}/{path}").status_code == 404


def test_a_viewer_sees_it_all_and_no_buttons(client: Client, viewer: Person) -> None:
    offer = busy_offer()
    sign_in(client, viewer)
    for path in (f"/ops/offers/{offer.pk}/", f"/ops/offers/{offer.pk}/wrong/", "/ops/offers/overrides/"):
        page = client.get(path).content.decode().split('id="main"')[1]
        found = (path, "<form" in page, "Override…" in page, f'href="/ops/offers/{offer.pk}/wrong/"' in page, "R$90.00" in page)
        assert found == (path, False, False, False, True)


def test_the_alerts_are_those_of_the_product(catalog: Client) -> None:
    offer = make_offer()
    make_alert(product=offer.product)
    make_alert(product=offer.product, status="ended")
    make_alert()
    assert "Active alerts</dt><dd>1</dd>" in text(catalog.get(f"/ops/offers/{offer.pk}/"))


def test_of_an_archived_offer_nothing_can_be_done_but_bring_it_back(catalog: Client) -> None:
    alone, with_product = make_offer(status="archived"), make_offer(status="archived")
    Product.objects.filter(pk=with_product.product_id).update(status="archived")
    found = [
        [
            word in text(catalog.get(f"/ops/offers/{offer.pk}/"))
            for word in ("This price is wrong", "Edit</a>", "Restore…", "Its product is archived too")
        ]
        for offer in (alone, with_product)
    ]
    assert found == [[False, False, True, False], [False, False, False, True]]


def test_what_people_did_stands_with_before_and_after(catalog: Client, operator: Person) -> None:
    offer = make_offer()
    override_offer(actor=operator.actor, offer_id=offer.pk, field="price", value=9_000, reason="seen in the shop")
    page = text(catalog.get(f"/ops/offers/{offer.pk}/"))
    assert "seen in the shop<small>Diego Rocha (Engineer) · price: <del>100.00 BRL</del> → 90.00 BRL" in page


def test_the_history_is_a_chart_and_a_table_in_pages(catalog: Client) -> None:
    offer = make_offer()
    for day in range(60):
        make_price(offer, days_ago=day + 0.5, price=10_000 + day)
    page = text(catalog.get(f"/ops/offers/{offer.pk}/"))
    assert ("Price of the last 90 days" in page, 'aria-describedby="prices"' in page, page.count('<th scope="row">') - 3) == (True, True, 25)
    older = catalog.get(f"/ops/offers/{offer.pk}/", {"cursor": page.split("cursor=")[1].split('"')[0].replace("%3A", ":"), "days": "365"})
    assert ("Price of the last 365 days" in text(older), "R$100.25" in text(older), "R$100.24" in text(older)) == (True, True, False)
    assert catalog.get(f"/ops/offers/{offer.pk}/?cursor=nonsense").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number(catalog: Client, count: int) -> None:
    offer = make_offer()
    for number in range(count):
        make_price(offer, days_ago=number)
        make_override(offer, ended_at=clock.now(), ended_because="reverted")
        override_offer(actor=make_person().actor, offer_id=offer.pk, field="price", value=100 + number, reason="x")
    catalog.get(f"/ops/offers/{offer.pk}/")
    with CaptureQueriesContext(connection) as seen:
        assert catalog.get(f"/ops/offers/{offer.pk}/").status_code == 200
    own = [query["sql"] for query in seen if any(table in query["sql"] for table in ("offer_overrides", "offer_price_history", "price_alerts"))]
    # Layers, ended ones, spans; the page of prices, those of the chart and the one before it; the alerts.
    assert len(own) == 7


def test_a_held_price_is_taken_over_or_sent_away_by_a_button(catalog: Client) -> None:
    first, second = busy_offer(), busy_offer()
    answer = catalog.post(f"/ops/offers/{first.pk}/held/", {"decision": "accept", "seen": "4000"}, follow=True)
    assert "The price is taken over." in text(answer)
    answer = catalog.post(f"/ops/offers/{second.pk}/held/", {"decision": "dismiss", "seen": "4000"}, follow=True)
    assert "The price is dismissed." in text(answer)
    assert [(one.price, one.held_price) for one in Offer.objects.filter(pk__in=(first.pk, second.pk)).order_by("pk")] == [
        (4_000, None),
        (10_000, None),
    ]
    again = catalog.post(f"/ops/offers/{second.pk}/held/", {"decision": "accept", "seen": "4000"}, follow=True)
    assert "No price waits for a decision any more." in text(again)


def test_a_held_price_that_nobody_saw_is_not_decided_on(catalog: Client) -> None:
    offer = busy_offer()
    Offer.objects.filter(pk=offer.pk).update(held_price=3_000)
    answer = catalog.post(f"/ops/offers/{offer.pk}/held/", {"decision": "accept", "seen": "4000"}, follow=True)
    assert "Another price waits by now: 30.00 BRL" in text(answer)
    offer.refresh_from_db()
    assert offer.price == 10_000

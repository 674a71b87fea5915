"""“This price is wrong”, from the page to what is tracked, with a store that answers over real HTTP."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from catalog import live
from catalog.models import Offer, Price
from catalog.reading.result import PageReading
from opsportal import clock
from tests.factories import make_offer, make_override, make_person, make_price
from tests.receiver import Receiver, receiving
from tests.signing_in import sign_in

PAGE = """<html><script type="application/ld+json">{"@type": "Product", "name": "Fan", "offers":
{"@type": "Offer", "price": "%s", "priceCurrency": "%s", "availability": "InStock"}}</script></html>"""


@pytest.fixture
def catalog(client: Client, db: None) -> Client:
    return sign_in(client, make_person(role="catalog", name="Bruno Lima"))


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def says(shop: Receiver, price: str, currency: str = "BRL", status: int = 200) -> Offer:
    body = (PAGE % (price, currency)).encode()
    shop.respond = lambda request, write: (404, {}, b"") if request.path == "/robots.txt" else (status, {"Content-Type": "text/html"}, body)
    return make_offer(url=f"{shop.url}/fan", price=10_000)


def path(offer: Offer, act: str = "") -> str:
    return f"/ops/offers/{offer.pk}/wrong/{act}"


def token_in(page: str) -> str:
    found = re.search(r'name="live" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_page_is_there_without_asking_anybody(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "89.90")
    make_price(offer, price=12_345, by="an import")
    page = text(catalog.get(path(offer)))
    assert (shop.requests, "The store was not asked yet." in page, "R$123.45" in page) == ([], True, True)
    assert 'hx-trigger="submit, load"' in page


def test_asking_shows_what_the_store_says_beside_what_we_show(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "89.90")
    part = text(catalog.post(path(offer, "ask/"), headers={"HX-Request": "true"}))
    assert ("<html" in part, "R$89.90" in part, "we show R$100.00" in part, "HTTP 200" in part) == (False, True, True, True)
    assert 'hx-trigger="submit"' in part
    assert Price.objects.count() == 0


def test_without_javascript_the_answer_comes_with_the_page(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "89.90")
    answer = catalog.post(path(offer, "ask/"), follow=True)
    assert ([hop[1] for hop in answer.redirect_chain], "we show R$100.00" in text(answer)) == ([302], True)


def test_taking_it_over_makes_it_tracked(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "19.90")
    token = token_in(text(catalog.post(path(offer, "ask/"), headers={"HX-Request": "true"})))
    answer = catalog.post(path(offer, "take/"), {"live": token}, follow=True)
    assert (answer.redirect_chain, "Taken over: this is what is tracked now." in text(answer)) == ([(f"/ops/offers/{offer.pk}/", 302)], True)
    offer.refresh_from_db()
    assert (offer.price, Price.objects.get().by) == (1_990, "Bruno Lima (Catalog)")
    twice = catalog.post(path(offer, "take/"), {"live": token}, follow=True)
    assert "written again since you asked" in text(twice)


def test_the_override_form_opens_with_the_stores_value(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "19.90")
    part = catalog.post(path(offer, "ask/"), headers={"HX-Request": "true"}).content.decode()
    found = re.search(r'href="(/ops/offers/\d+/override/\?[^"]+)">Override the price: R\$19.90…', part)
    assert found is not None
    page = text(catalog.get(found[1].replace("&amp;", "&")))
    assert ('name="value" value="19.90"' in page, f'value="{offer.url}"' in page) == (True, True)


def test_a_store_that_cannot_be_asked_is_said_and_nothing_is_offered_to_take(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "19.90", status=503)
    part = text(catalog.post(path(offer, "ask/"), headers={"HX-Request": "true"}))
    assert ("could not ask" in part, "The page answered 503." in part, "Nothing is guessed." in part) == (True, True, True)
    assert ("R$19.90" in part, 'name="live"' in part, "Override with another price…" in part) == (False, False, True)


def test_another_currency_is_not_compared(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "19.90", "EUR")
    part = text(catalog.post(path(offer, "ask/"), headers={"HX-Request": "true"}))
    assert ("The page is in EUR: €19.90. The offer is in BRL" in part, 'name="live"' in part) == (True, False)


def test_an_answer_that_says_what_is_tracked_can_be_confirmed(catalog: Client, shop: Receiver) -> None:
    offer = says(shop, "100.00")
    make_override(offer)
    part = text(catalog.post(path(offer, "ask/"), headers={"HX-Request": "true"}))
    assert ("as tracked; an override is shown" in part, "Confirm what is tracked" in part) == (True, True)


def test_an_answer_that_is_no_answer_takes_nothing_over(catalog: Client) -> None:
    offer, other = make_offer(), make_offer()
    nothing = live.signed(live.Live(offer.pk, clock.now(), offer.url, words="The page answered 404.", code="http_404"))
    foreign = live.signed(live.Live(other.pk, clock.now(), other.url, reading=PageReading(100, None, "BRL", "in_stock", "json_ld")))
    for token, words in (("", "too old"), ("made:up", "too old"), (nothing, "The store said no price."), (foreign, "about another offer")):
        assert words in text(catalog.post(path(offer, "take/"), {"live": token}, follow=True))
    assert "too old" in text(catalog.get(path(offer), {"live": "made:up"}))
    offer.refresh_from_db()
    assert (offer.price, Price.objects.count()) == (10_000, 0)


def test_support_asks_and_does_not_take_over(client: Client, support: Person, shop: Receiver) -> None:
    offer = says(shop, "89.90")
    sign_in(client, support)
    part = text(client.post(path(offer, "ask/"), headers={"HX-Request": "true"}))
    assert ("we show R$100.00" in part, "Take it over" in part, "Override" in part) == (True, False, False)
    assert client.post(path(offer, "take/")).status_code == 403

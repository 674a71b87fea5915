"""What a store says now, asked over real HTTP; and an answer that nobody can make up."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from catalog import live
from catalog.models import Offer
from catalog.reading.result import PageReading
from opsportal import clock
from opsportal.errors import Invalid
from tests.factories import make_offer, make_store
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db

PAGE = """<html><head><script type="application/ld+json">{"@type": "Product", "name": "Fan", "offers":
{"@type": "Offer", "price": "89.90", "priceCurrency": "BRL", "availability": "https://schema.org/OutOfStock"}}</script></head></html>"""
FEED = '{"version": 1, "currency": "BRL", "offers": [{"sku": "F-1", "price": 79.5, "availability": "in_stock"}, {"sku": "F-2", "price": "free"}]}'


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def serve(shop: Receiver, body: str, status: int = 200, kind: str = "text/html") -> None:
    def respond(request: Any, write: Any) -> tuple[int, dict[str, str], bytes]:
        return (404, {}, b"") if request.path == "/robots.txt" else (status, {"Content-Type": kind}, body.encode())

    shop.respond = respond


def offer_at(shop: Receiver, **store: Any) -> Offer:
    return make_offer(url=f"{shop.url}/fan", sku="F-1", store=make_store(**store))


def test_the_pages_price_comes_with_how_it_was_asked(shop: Receiver) -> None:
    serve(shop, PAGE)
    answer = live.ask(offer_at(shop))
    assert answer.reading == PageReading(8_990, None, "BRL", "out_of_stock", "json_ld", "Fan")
    assert (answer.status, answer.code, answer.url, answer.seconds > 0) == (200, "", f"{shop.url}/fan", True)
    assert [request.path for request in shop.requests] == ["/robots.txt", "/fan"]


def test_a_feed_is_looked_through_for_the_offer(shop: Receiver) -> None:
    serve(shop, FEED, kind="application/json")
    feed_store = {"source": "feed", "feed_url": f"{shop.url}/feed.json"}
    answer = live.ask(offer_at(shop, **feed_store))
    assert answer.reading is not None
    assert (answer.reading.price, answer.reading.source) == (7_950, "feed")
    broken = live.ask(make_offer(sku="F-2", store=make_store(**feed_store)))
    assert (broken.reading, broken.status, broken.code) == (None, 200, "no_price")
    assert live.ask(make_offer(sku="F-3", store=make_store(**feed_store))).code == "not_in_feed"


def test_a_page_that_names_no_currency_is_read_as_the_tracker_reads_it(shop: Receiver) -> None:
    serve(shop, PAGE.replace('"priceCurrency": "BRL", ', ""))
    answer = live.ask(offer_at(shop))
    assert (answer.code, answer.reading and (answer.reading.price, answer.reading.currency)) == ("", (8_990, "BRL"))


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [(404, "", "http_404", "The page answered 404."), (200, "<html>nothing</html>", "no_product", "The page describes no product.")],
)
def test_no_answer_is_said_in_words_and_never_guessed(shop: Receiver, status: int, body: str, code: str, words: str) -> None:
    serve(shop, body, status)
    answer = live.ask(offer_at(shop))
    assert (answer.reading, answer.status, answer.code, answer.words) == (None, status, code, words)


def test_nobody_there_is_said_in_words() -> None:
    with receiving() as gone:
        pass
    answer = live.ask(offer_at(gone))
    assert (answer.reading, answer.status, bool(answer.code), bool(answer.words)) == (None, None, True, True)


def test_people_ask_a_store_no_more_often_than_its_pause(shop: Receiver) -> None:
    serve(shop, PAGE)
    offer = offer_at(shop)
    cache.set(f"catalog:asked:{offer.store_id}", 1, timeout=600)
    answer = live.ask(offer)
    assert (answer.reading, answer.code, shop.requests) == (None, "too_soon", [])


def test_an_answer_comes_back_as_it_was() -> None:
    for reading in (PageReading(8_990, 9_990, "BRL", "in_stock", "microdata"), None):
        answer = live.Live(7, clock.now(), "https://shop.example/x", 1.25, 200, "", "", reading)
        assert live.unsigned(live.signed(answer), 7) == answer


def test_an_answer_that_is_old_forged_or_about_another_offer_is_refused() -> None:
    answer = live.Live(7, clock.now(), "https://shop.example/x", reading=PageReading(8_990, None, "BRL", "in_stock", "json_ld"))
    token = live.signed(answer)
    for text in (token[:-1], "", "x:y:z", token.replace(":", "", 1)):
        with pytest.raises(Invalid, match="too old"):
            live.unsigned(text, 7)
    with pytest.raises(Invalid, match="another offer"):
        live.unsigned(token, 8)
    with time_machine.travel(clock.now().timestamp() + live.FRESH + 5, tick=False), pytest.raises(Invalid, match="too old"):
        live.unsigned(token, 7)

"""An offer in a real browser: its pages are accessible and fit, and a store's answer comes after the page, also without JavaScript."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from catalog.models import Offer
from opsportal import clock
from tests.browser.looks import flaws
from tests.factories import make_offer, make_override, make_person, make_price
from tests.receiver import Receiver, receiving

OpenPage = Callable[..., Page]
LONG = "FritadeiraSemÓleo" * 12
PAGE = b"""<html><script type="application/ld+json">{"@type": "Product", "name": "Fan", "offers":
{"@type": "Offer", "price": "89.90", "priceCurrency": "BRL", "availability": "InStock"}}</script></html>"""


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as receiver:
        receiver.respond = lambda request, write: (404, {}, b"") if request.path == "/robots.txt" else (200, {"Content-Type": "text/html"}, PAGE)
        yield receiver


@pytest.fixture
def open_page(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[OpenPage]:
    person = make_person(role="cto", name="Ana Souza")
    client = Client()
    client.force_login(person)
    contexts = []

    def open_at(address: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "ops_session", "value": client.cookies["ops_session"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + address)
        return page

    yield open_at
    for context in contexts:
        context.close()


def busy_offer(**fields: Any) -> Offer:
    now = clock.now()
    offer = make_offer(
        **{"title": LONG, "price": 10_000, "list_price": 20_000, "held_price": 4_000, "held_at": now, "error": LONG, "failures": 3} | fields
    )
    for day, more in ((80, {}), (60, {"source": "import", "by": LONG[:200]}), (50, {"availability": "out_of_stock"}), (40, {})):
        make_price(offer, days_ago=day, price=10_000 + day, **more)
    make_price(offer, price=4_000, held=True)
    make_override(offer, tracked_amount=11_000, reason=LONG, evidence_url=f"https://shop.example/{LONG}", expires_at=now + timedelta(hours=3))
    make_override(offer, field="list_price", amount=15_000, ended_at=now, ended_because="reverted", ended_by=LONG[:200], reason=LONG)
    return offer


def test_page_is_accessible_and_fits(open_page: OpenPage, shop: Receiver) -> None:
    offer = busy_offer(url=f"{shop.url}/fan")
    for _number in range(6):
        make_override(make_offer(title=LONG))
    held = offer.overrides.filter(ended_at=None).get()
    own = [f"{offer.pk}/{part}" for part in ("", "override/", "wrong/")]
    page = open_page("/ops/offers/overrides/")
    for address in ("overrides/", *own, f"overrides/{held.pk}/revert/"):
        page.goto(f"{page.url.partition('/ops/')[0]}/ops/offers/{address}")
        if "wrong" in address:
            expect(page.locator("#live")).to_contain_text("we show R$90.00")
        assert (address, flaws(page)) == (address, [])


def test_the_stores_answer_comes_after_the_page_and_is_taken_over(open_page: OpenPage, shop: Receiver) -> None:
    offer = make_offer(url=f"{shop.url}/fan", price=10_000)
    page = open_page(f"/ops/offers/{offer.pk}/wrong/")
    expect(page.locator("#live")).to_contain_text("we show R$100.00")
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()
    page.get_by_role("button", name="Take it over as tracked").click()
    expect(page.locator(".messages")).to_contain_text("Taken over: this is what is tracked now.")
    offer.refresh_from_db()
    assert offer.price == 8_990


def test_without_javascript_a_button_asks(open_page: OpenPage, shop: Receiver) -> None:
    offer = make_offer(url=f"{shop.url}/fan", price=10_000)
    page = open_page(f"/ops/offers/{offer.pk}/wrong/", java_script_enabled=False)
    assert shop.requests == []
    page.get_by_role("button", name="Ask the store now").click()
    expect(page.locator("#live")).to_contain_text("we show R$100.00")
    page.get_by_role("link", name="Override the price: R$89.90…").click()
    expect(page.get_by_label("Price in BRL")).to_have_value("89.90")

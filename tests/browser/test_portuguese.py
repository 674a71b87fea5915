"""The portal in Brazilian Portuguese, in a real browser: no English left over, and longer words fit a phone."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from accounts.models import Person
from audit.actors import Actor
from audit.sealing import seal_rows
from beta.actions.stop import stop_signups
from tests.billing.factories import make_checkout, make_event, make_finding, make_grant, make_payment, make_plan
from tests.factories import (
    make_alert,
    make_destination,
    make_failed_item,
    make_household,
    make_message,
    make_offer,
    make_person,
    make_ping,
    make_ping_event,
    make_product,
    make_run,
    make_store,
)

HOUSEHOLD = "00000000-0000-4000-8000-000000000001"
MESSAGE = "00000000-0000-4000-8000-000000000002"
CHECKOUT = "chk_prado"
NUMBER = 4711
NOWHERE = "/nowhere"
PAGES = (
    "/ops/",
    "/ops/beta/",
    "/ops/beta/stop/",
    "/ops/beta/program/",
    "/ops/beta/households/",
    f"/ops/beta/households/{HOUSEHOLD}/",
    "/ops/beta/invites/",
    "/ops/beta/invites/create/",
    "/ops/beta/refusals/",
    "/ops/switches/",
    "/ops/switches/add/",
    "/ops/switches/ENABLE_JOBS/",
    "/ops/switches/ENABLE_JOBS/off/",
    "/ops/jobs/",
    "/ops/jobs/sweep/",
    f"/ops/jobs/runs/{NUMBER}/",
    "/ops/jobs/sweep/schedule/",
    "/ops/jobs/sweep/runs/",
    "/ops/jobs/sweep/slots/",
    "/ops/jobs/sweep/items/",
    "/ops/notify/",
    f"/ops/notify/messages/{MESSAGE}/",
    "/ops/notify/destinations/",
    "/ops/notify/destinations/new/",
    f"/ops/notify/destinations/{NUMBER}/",
    "/ops/health/pings",
    f"/ops/health/pings/{NUMBER}",
    "/ops/health/pings/new",
    "/ops/health/ping-keys",
    "/ops/catalog/",
    f"/ops/catalog/products/{NUMBER}/",
    f"/ops/offers/{NUMBER}/",
    f"/ops/feed/{HOUSEHOLD}/",
    "/ops/billing/",
    # Nobody asks a provider here.
    f"/ops/billing/checkouts/{CHECKOUT}/?ask=0",
    f"/ops/billing/checkouts/{CHECKOUT}/grant/",
    "/ops/billing/findings/",
    "/ops/billing/webhooks/",
    f"/ops/billing/webhooks/{NUMBER}/",
    "/ops/billing/plans/",
    "/ops/billing/providers/",
    "/ops/billing/effects/",
    "/ops/audit/",
    "/ops/audit/seals/",
    "/ops/access/",
    "/ops/access/roles/",
    "/ops/access/clients/",
    "/ops/access/me/",
    "/accounts/2fa/",
    NOWHERE,
)
ENGLISH = re.compile(
    r"\b(Signups?|Households?|Seats?|Invites?|Cancel|Reason|Today|Audit|Access|Search|Save|Show|Since|Sign|Open|Stop|Resume|Nobody|Nothing|Every|The|None|yes"
    r"|Jobs?|Runs?|Slots?|Switch(es)?|Turn|Outbox|Messages?|Destinations?|Tries|Keys?|Down|Seals?|Sealed|Rows?|Add|Edit|Due|is|are|yet|by|with|from|seconds?"
    r"|Payments?|Plans?|Events?|Findings?|Providers?|Customers?|Refunded|granted|until|Offers?|Stores?|Products?|Prices?|Amount"
    r"|January|November|Monday|Sunday)\b"
)
# What stands in the text nodes people see; code, names in their own language and what the test itself wrote are not ours to translate.
TEXTS = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!parent.closest('script, style, code, .mono, .id, [lang=en]')) found.push(walk.currentNode.data.trim());
  }
  for (const node of document.querySelectorAll('[aria-label], [placeholder], [title]'))
    for (const name of ['aria-label', 'placeholder', 'title']) found.push((node.getAttribute(name) || '').trim());
  return found.filter(Boolean);
}"""
OpenPage = Callable[[str, int], Page]


@pytest.fixture
def person(transactional_db: None) -> Person:
    make_household(id=HOUSEHOLD, name="Família Prado")
    make_failed_item("sweep", run=make_run("sweep", id=NUMBER, items=100, failed_items=1), key="oferta 17", error="Falhou")
    make_message(id=MESSAGE, destination=make_destination(id=NUMBER, name="produto"), topic="aviso", key="aviso-1")
    make_ping_event(make_ping(id=NUMBER, name="Cópia da noite", created_by="Ana Souza"))
    offer = make_offer(id=NUMBER, title="Chá preto", product=make_product(id=NUMBER, name="Chá"), store=make_store(name="Empório"))
    make_alert(household_id=HOUSEHOLD, product=offer.product)
    _bill()
    seal_rows(actor=Actor.system("jobs"))
    return make_person(role="cto", name="Ana Souza", language="pt-br")


def _bill() -> None:
    """A customer with a plan who paid a second time and got nothing for it."""
    checkout = make_checkout(checkout_id=CHECKOUT, state="paid", plan=make_plan(name="Plus"), customer_key="prado", email="prado@example.com")
    make_grant(make_payment(checkout))
    paid = make_payment(checkout)
    make_event(id=NUMBER, checkout=checkout, payment=paid, state="done", effect="none", effect_reason="no_customer")
    make_finding(checkout, payment=paid)


@pytest.fixture
def open_page(browser: Browser, live_server: Any, person: Person) -> Iterator[OpenPage]:
    """The page of a width in pixels at an address, signed in as somebody who reads Portuguese. One page for each width: what it has loaded once it keeps."""
    client = Client()
    client.force_login(person)
    pages: dict[int, Page] = {}

    def page_of(width: int) -> Page:
        # The browser's own language is English: the person's counts.
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-US")
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "ops_session", "value": client.cookies["ops_session"].value, "url": live_server.url}])
        return context.new_page()

    def open_at(address: str, width: int = 390) -> Page:
        page = pages[width] = pages.get(width) or page_of(width)
        response = page.goto(live_server.url + address)
        # A page that failed, or that is not there, is in Portuguese too.
        assert response is not None
        assert (address, response.status) == (address, 404 if address == NOWHERE else 200)
        return page

    yield open_at
    for page in pages.values():
        page.context.close()


def english(page: Page) -> list[str]:
    return [text for text in page.evaluate(TEXTS) if ENGLISH.search(text)]


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_pages_are_portuguese_and_fit_a_phone(open_page: OpenPage) -> None:
    for address in PAGES:
        page = open_page(address, 390)
        assert (address, page.get_attribute("html", "lang"), english(page), sideways(page)) == (address, "pt-br", [], 0)


def test_stop_stays_in_the_first_line_of_a_phone(open_page: OpenPage) -> None:
    page = open_page("/ops/", 390)
    stop = page.locator(".bar__acts .btn--stop").bounding_box()
    brand = page.locator(".bar .brand").bounding_box()
    assert stop is not None
    assert brand is not None
    assert (page.locator(".bar__acts .btn--stop").inner_text(), stop["y"] < brand["y"] + brand["height"]) == ("PARAR cadastros", True)


@pytest.mark.parametrize("width", [390, 1280])
def test_stopped_portal_is_portuguese_and_fits(open_page: OpenPage, person: Person, width: int) -> None:
    stop_signups(actor=person.actor)
    for address in ("/ops/", "/ops/beta/"):
        page = open_page(address, width)
        assert (address, english(page), sideways(page)) == (address, [], 0)
        assert page.locator(".banner__what").inner_text() == "Os cadastros estão PARADOS"


def test_day_in_a_sentence_is_small(open_page: OpenPage) -> None:
    page = open_page("/ops/", 1280)
    heading = page.locator("h1").inner_text()
    assert re.fullmatch(r"[A-ZÁ][a-zçá-]+, \d+ de [a-zç]+", heading)

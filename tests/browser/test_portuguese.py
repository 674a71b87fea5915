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
from tests.factories import make_destination, make_failed_item, make_household, make_message, make_person, make_ping, make_ping_event, make_run

HOUSEHOLD = "00000000-0000-4000-8000-000000000001"
MESSAGE = "00000000-0000-4000-8000-000000000002"
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
    seal_rows(actor=Actor.system("jobs"))
    return make_person(role="cto", name="Ana Souza", language="pt-br")


@pytest.fixture
def open_page(browser: Browser, live_server: Any, person: Person) -> Iterator[OpenPage]:
    """A page at an address and of a width in pixels, signed in as somebody who reads Portuguese."""
    client = Client()
    client.force_login(person)
    contexts = []

    def open_at(address: str, width: int = 390) -> Page:
        # The browser's own language is English: the person's counts.
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-US")
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": "ops_session", "value": client.cookies["ops_session"].value, "url": live_server.url}])
        page = context.new_page()
        response = page.goto(live_server.url + address)
        # A page that failed, or that is not there, is in Portuguese too.
        assert response is not None
        assert (address, response.status) == (address, 404 if address == NOWHERE else 200)
        return page

    yield open_at
    for context in contexts:
        context.close()


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

"""Today in a real browser: it renews itself each minute, and moves neither the focus nor the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from opsportal import needs
from opsportal.lines import Act, State
from opsportal.needs import Need
from opsportal.words import Words
from tests.factories import make_person
from tests.signing_in import sign_in

MINUTE = 60_000


@pytest.fixture
def titles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What needs a person; nothing else does."""
    found = [f"need {number}" for number in range(8)]
    look = Act(Words("Look"), "/ops/jobs/", "jobs.view")
    monkeypatch.setattr(needs, "_needs", [lambda request: [Need(1, State.WARN, title, act=look) for title in found]])
    return found


@pytest.fixture
def today(transactional_db: None, browser: Browser, live_server: Any, titles: list[str]) -> Iterator[Page]:
    """Today, as the CTO sees it, with a clock of the test's own."""
    session = sign_in(Client(), make_person(role="cto", name="Ana Souza")).cookies["ops_session"].value
    context = browser.new_context(viewport={"width": 1280, "height": 500})
    context.add_cookies([{"name": "ops_session", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.clock.install()
    page.goto(f"{live_server.url}/ops/")
    yield page
    context.close()


def test_needs_are_renewed_each_minute_and_nothing_moves(today: Page, titles: list[str]) -> None:
    today.focus("#act-4")
    today.evaluate("scrollTo(0, 150)")
    titles[4] = "something new"
    today.clock.run_for(MINUTE - 10_000)
    expect(today.locator("#needs")).not_to_contain_text("something new")
    today.clock.run_for(20_000)
    expect(today.locator("#needs")).to_contain_text("something new", timeout=60_000)
    expect(today.locator("#act-4")).to_be_focused()
    assert (today.evaluate("scrollY"), today.locator("#verdict").count(), today.locator("#figures").count()) == (150, 1, 1)


def test_needs_say_stale_when_they_could_not_be_renewed(today: Page) -> None:
    expect(today.locator("#needs .live__stale")).to_be_hidden()
    today.route("**/ops/now", lambda route: route.abort())
    today.clock.run_for(MINUTE + 10_000)
    expect(today.locator("#needs .live__stale")).to_be_visible(timeout=60_000)

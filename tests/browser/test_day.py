"""A whole day on the sandbox, as each of the four people: by keyboard only in both languages, and once without JavaScript."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext, override
from playwright.sync_api import Browser, Locator, Page, expect

from opsportal.dev.outside import environment
from opsportal.dev.portal import free_port
from tests.browser.hands import LONG, Hands, Keyboard, Pointer
from tests.live import LivePortal, drop_database, new_database

PASSWORD = "a day of the sample's people"
CHECKOUT = "chk_7Q2M9X"
WAYS = (("en", Keyboard, True), ("pt-br", Keyboard, True), ("en", Pointer, False))


@dataclass
class Desk:
    """One person's browser at one portal."""

    page: Page
    hands: Hands
    base: str
    language: str

    def __getitem__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def word(self, english: str, **values: Any) -> str:
        """As the person reads it."""
        with override(self.language):
            return gettext(english) % values if values else gettext(english)

    def says(self, selector: str, english: str, **values: Any) -> None:
        expect(self[selector].first).to_contain_text(self.word(english, **values), timeout=LONG)


@dataclass
class Sandbox:
    """A database with the sample's story, for portals to begin with a copy of it; the environment in which they know the stand-in providers."""

    database: str
    outside: dict[str, str]
    redis: str
    var: Path

    def portal(self, database: str = "") -> LivePortal:
        known: dict[str, Any] = self.outside
        return LivePortal(database=database or self.database, redis=self.redis, var=self.var, processes=1, **known)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Loaded once."""
    var, port = tmp_path_factory.mktemp("day"), free_port(0)
    (var / "password").write_text(PASSWORD)
    made = Sandbox(new_database(), environment(var, port), os.environ["REDIS_URL"], var)
    made.portal().manage("sample_data", "--password-file", str(var / "password"))
    yield made
    drop_database(made.database)


@pytest.fixture(params=WAYS, ids=["keyboard-en", "keyboard-pt-br", "no-javascript"])
def desk_of(request: pytest.FixtureRequest, sandbox: Sandbox, browser: Browser) -> Iterator[Callable[[str], Desk]]:
    """The desk of a person, by the beginning of their address, signed in and on Today."""
    language, hands, scripts = request.param
    portal = sandbox.portal(new_database(sandbox.database))
    providers = portal.spawn(
        "manage.py",
        "sandbox_providers",
        "--port",
        sandbox.outside["STRIPE_API_BASE"].split(":")[2].split("/")[0],
        "--journal",
        f"{sandbox.var}/{language}{scripts}",
    )
    contexts = []

    def sign_in(name: str) -> Desk:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=language, java_script_enabled=scripts)
        contexts.append(context)
        context.set_default_timeout(LONG)
        desk = Desk(page := context.new_page(), hands(page), portal.url, language)
        desk.go("/accounts/login/")
        desk.hands.write(desk["input[name=login]"], f"{name}@smartbuy.example")
        desk.hands.write(desk["input[name=password]"], PASSWORD)
        desk.hands.press(desk["main form button"].first)
        if language != "en":
            desk.hands.press(desk[f"button[value={language}]"].first)
        desk.says("#needs-head", "Needs a person now")
        return desk

    portal.start()
    yield sign_in
    for context in contexts:
        context.close()
    portal.stop()
    providers.kill()
    providers.wait()
    drop_database(portal.database)


def test_a_day_of_four_people(desk_of: Callable[[str], Desk]) -> None:
    """In the order in which they need each other's work to be seen."""
    stop_signups(desk_of("ana"))
    override_an_offer(desk_of("bruno"))
    reconcile_the_checkout(desk_of("carla"))
    review_the_day(desk_of("diego"))


def stop_signups(ana: Desk) -> None:
    ana.hands.press(ana["header .stop a, header a.btn--stop"].first)
    ana.hands.press(ana["dialog[open] button.btn--stop"])
    ana.says("#state", "reason pending")
    ana.hands.write(ana["#why textarea"], "105 households got in")
    ana.hands.press(ana["#why button"])
    ana.says("#why", "Replace the reason")


def override_an_offer(bruno: Desk) -> None:
    hands = bruno.hands
    hands.press(bruno['nav a[href="/ops/offers/"]'])
    hands.write(bruno["main form.filters input[name=q]"], "air fryer")
    hands.press(bruno["main form.filters button"])
    hands.press(bruno["main table tbody th a"].first)
    hands.press(bruno['main a[href*="/override/?field=price"]'])
    hands.write(bruno["#override_value"], "199,90" if bruno.language == "pt-br" else "199.90")
    hands.write(bruno["#override_reason"], "The page shows the price with the old coupon")
    hands.write(bruno["#override_evidence_url"], "https://example.com/photo.jpg")
    hands.press(bruno["main form.form button.btn--primary"])
    bruno.says(".layers__why", "The page shows the price with the old coupon")
    hands.press(bruno['nav a[href="/ops/"]'])
    expect(bruno["[aria-labelledby=changed]"]).to_contain_text("The page shows the price with the old coupon", timeout=LONG)


def reconcile_the_checkout(carla: Desk) -> None:
    hands, need = carla.hands, carla[f'.needs a.btn[href*="{CHECKOUT}"]']
    hands.press(need)
    carla.says("#dry", "What would change")
    hands.write(carla["[aria-labelledby=apply] textarea"], "Paid and without the plan since the night")
    hands.press(carla["[aria-labelledby=apply] button"])
    carla.says("#proof", "Done, and read again")
    hands.press(carla['nav a[href="/ops/"]'])
    expect(carla["#needs"]).to_be_visible(timeout=LONG)
    expect(need).to_have_count(0)


def review_the_day(diego: Desk) -> None:
    hands = diego.hands
    hands.press(diego["[aria-labelledby=duty] .duty a"])
    hands.press(diego['main form:has([name="instead_of"]) button'])
    expect(diego["[aria-labelledby=duty] .duty b"]).to_contain_text("Diego Rocha", timeout=LONG)
    for kind in ("morning", "evening"):
        hands.press(diego[f'[aria-labelledby=reviews] h3 a[href*="/{kind}/"]'])
        do_the_review(diego)
        hands.press(diego['nav a[href="/ops/"]'])
    for place in range(2):
        card = diego["[aria-labelledby=reviews] .review"].nth(place)
        expect(card).to_contain_text("Diego Rocha", timeout=LONG)
        expect(card).to_contain_text(diego.word("signed"))


def do_the_review(diego: Desk) -> None:
    hands = diego.hands
    hands.press(diego["[aria-labelledby=begin] button"])
    ticks = diego["button.tick"]
    expect(ticks.first).to_be_visible(timeout=LONG)
    wait_until_read(diego)
    keys = [str(tick.get_attribute("id")).removeprefix("tick-") for tick in ticks.all()]
    first, second = keys[0].replace(".", "\\."), keys[1].replace(".", "\\.")
    hands.press(diego[f"#note-{first}"])
    hands.write(diego["textarea[name=note]:visible"].first, "Looked at the strip of the night")
    hands.press(diego[f"#ask-{first}"] if isinstance(hands, Keyboard) else diego["main form button.btn--primary"].first)
    expect(diego[f"#line-{first} q"]).to_contain_text("Looked at the strip of the night", timeout=LONG)
    hands.press(diego[f"#assign-{first}"])
    hands.choose(diego["select[name=person_id]"], 1)
    hands.press(diego[f"#ask-{first}"] if isinstance(hands, Keyboard) else diego["main form button.btn--primary"].first)
    expect(diego[f"#line-{first} .checkline__kept p"]).to_have_count(2, timeout=LONG)
    hands.press(diego[f"#snooze-{second}"])
    hands.write(diego["textarea[name=reason]:visible"].first, "Known since Monday")
    hands.press(diego[f"#ask-{second}"] if isinstance(hands, Keyboard) else diego["main form button.btn--primary"].first)
    expect(diego[f"#line-{second} q"]).to_contain_text("Known since Monday", timeout=LONG)
    for key in keys:
        tick = diego[f"#tick-{key}".replace(".", "\\.")]
        hands.toggle(tick)
        expect(tick).to_have_attribute("aria-checked", "true", timeout=LONG)
    hands.press(diego["#sign-off"])
    hands.write(diego["dialog[open] textarea"], "All of it is known, and Carla is at it")
    hands.press(diego["dialog[open] button"])
    expect(diego["#signed"]).to_be_visible(timeout=LONG)
    assert ticks.count() == 0


def wait_until_read(diego: Desk) -> None:
    """Without scripts the page asks again by itself; with them the lines come in one by one."""
    expect(diego["[data-live]"]).to_have_count(0, timeout=LONG)
    expect(diego[".tag.is-pending"]).to_have_count(0, timeout=LONG)

"""A review in a real browser: its lines arrive while it is looked at, it is done by keyboard and signed, and it is accessible and fits."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from beta.models import Program
from opsportal import clock
from opsportal.lines import Act, Answer, Line, Link, State, register_line
from opsportal.words import Figure, said
from review import actions, reading
from review.models import Sample
from tests.browser.looks import flaws
from tests.factories import make_person

OpenPage = Callable[..., Page]
LONG = 60_000


def answer(state: State, value: float, *, links: int = 1) -> Callable[[], Answer]:
    evidence = tuple(Link(said("Row %(n)s of the audit log", n=n), f"/ops/audit/?q={n}") for n in range(links))
    acts = () if state is State.OK else (Act(said("Turn ENABLE_ALERT_EVALUATOR off"), "/ops/switches/", "switches.turn_off"),)
    return lambda: Answer(state, Figure(value, "percent"), said("%(n)s of 57 households.", n=value), evidence, acts)


@pytest.fixture
def gate() -> threading.Event:
    """The last line answers when it is open."""
    return threading.Event()


@pytest.fixture
def reviewed(transactional_db: None, monkeypatch: pytest.MonkeyPatch, gate: threading.Event) -> Iterator[None]:
    def slow() -> Answer:
        gate.wait(60)
        return answer(State.OK, 1)()

    monkeypatch.setattr("opsportal.lines._lines", {})
    reads = {"empty": answer(State.FAIL, 9), "few": answer(State.WARN, 40.4, links=9), "slow": slow}
    for place, (key, read) in enumerate(reads.items()):
        limit = "warns over 5 %, fails over 20 %"
        register_line(Line(key, "feed", f"How many see {key} items", limit, read, "review.view", ("morning", "evening"), place, seconds=60, limit=5))
    monkeypatch.setattr("review.reading.in_threads", True)
    monkeypatch.setattr("review.reading._readers", None)
    Program.objects.update(starts_on=clock.today() - timedelta(days=4))
    yield
    gate.set()
    if reading._readers:
        reading._readers.shutdown()


@pytest.fixture
def open_page(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[OpenPage]:
    client = Client()
    client.force_login(make_person(role="engineer", name="Diego Rocha"))
    contexts = []

    def open_at(address: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        context.set_default_timeout(LONG)
        context.add_cookies([{"name": "ops_session", "value": client.cookies["ops_session"].value, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + address)
        return page

    yield open_at
    for context in contexts:
        context.close()


def address(kind: str = "morning", days: int = 0) -> str:
    return f"/ops/reviews/{kind}/{clock.today() - timedelta(days=days):%Y-%m-%d}/"


def focused(page: Page, name: str) -> None:
    page.wait_for_function("name => document.activeElement.id === name", arg=name)


def test_review_arrives_is_done_by_keyboard_and_signed(open_page: OpenPage, reviewed: None, gate: threading.Event) -> None:
    page = open_page(address())
    page.get_by_role("button", name="Begin the morning review").press("Enter")
    waiting = page.locator("#line-slow")
    expect(waiting).to_contain_text("Being read…", timeout=LONG)
    expect(page.locator("#line-empty")).to_contain_text("9 of 57 households.", timeout=LONG)
    expect(page.locator("#line-few")).to_contain_text("40.4 of 57 households.", timeout=LONG)
    before = waiting.bounding_box()
    gate.set()
    expect(waiting).to_contain_text("1 of 57 households.", timeout=LONG)
    expect(page.locator("[data-live]")).to_have_count(0, timeout=LONG)
    after = waiting.bounding_box()
    assert before == after

    page.locator("#tick-empty").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("checkbox", name="Done: How many see empty items")).to_be_checked(timeout=LONG)
    focused(page, "tick-empty")
    expect(page.locator("#this-word")).to_have_text("1 of 3")
    expect(page.locator("#review-sub")).to_contain_text("1 of 3 lines done.")

    page.locator("#note-empty").press("Enter")
    focused(page, "empty-note")
    page.keyboard.type("Carla asks them")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#line-empty q")).to_have_text("Carla asks them", timeout=LONG)
    focused(page, "note-empty")

    page.locator("#sign-off").press("Enter")
    question = page.get_by_role("dialog")
    expect(question.get_by_role("link", name="Not yet")).to_be_focused(timeout=LONG)
    question.get_by_label("Why is it signed all the same?").fill("Known since Monday")
    question.get_by_role("button", name="Sign off as NO-GO").press("Enter")
    expect(page.locator("#signed")).to_be_visible(timeout=LONG)
    expect(page.locator("button.tick")).to_have_count(0)


def test_pages_are_accessible_and_fit(open_page: OpenPage, reviewed: None, gate: threading.Event) -> None:
    gate.set()
    Sample.objects.create(key="few", at=clock.now() - timedelta(hours=1), state="warn", value=40, figure=Figure(40, "percent").to_json())
    person = make_person(role="cto", name="Ana Souza").actor
    for kind in ("morning", "evening"):
        review = actions.begin_review(actor=person, kind=kind)
    actions.note_line(actor=person, kind="evening", day=review.day, key="few", note="x" * 200, seen="")
    actions.snooze_line(actor=person, key="few", until=clock.now() + timedelta(days=2), reason="y" * 200)
    page = open_page(address("evening"))
    expect(page.locator("[data-live]")).to_have_count(0, timeout=LONG)
    page.locator("#snooze-empty").click()
    expect(page.locator("#line-empty form.form")).to_be_visible(timeout=LONG)
    assert flaws(page) == []
    actions.sign_review(actor=person, kind="evening", day=review.day, reason="known")
    for path in (address("evening"), f"{address()}sign/", "/ops/reviews/", "/ops/reviews/lines/few/"):
        page.goto(page.url.split("/ops/")[0] + path)
        assert (path, flaws(page)) == (path, [])


def test_next_open_line_is_under_the_thumb_on_a_phone(open_page: OpenPage, reviewed: None, gate: threading.Event) -> None:
    gate.set()
    actions.begin_review(actor=make_person(role="cto").actor, kind="morning")
    page = open_page(address(), viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    box = page.locator("#tick-empty").bounding_box()
    assert box
    assert (box["width"], box["height"]) == (44, 44)
    for key, after in (("empty", "few"), ("few", "slow")):
        expect(page.locator("#next-open")).to_have_attribute("href", f"#line-{key}", timeout=LONG)
        page.locator("#next-open").tap()
        expect(page.locator(f"#line-{key}")).to_be_in_viewport(ratio=0.5)
        page.locator(f"#tick-{key}").tap()
        expect(page.locator("#next-open")).to_have_attribute("href", f"#line-{after}", timeout=LONG)
    expect(page.locator("#review-bar [role=status]")).to_contain_text("2 of 3")

"""The jobs' pages in a real browser: a run's progress keeps itself fresh, and every page is accessible and fits."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from jobs.models import Run, RunBatch, Slot
from opsportal import clock
from switches import actions as switches
from tests.browser.looks import flaws
from tests.factories import make_failed_item, make_person, make_run

OpenPage = Callable[..., Page]
LONG = "https://shop.example/products/4711?utm_source=" + "x" * 120


@pytest.fixture
def going(transactional_db: None) -> Run:
    run = make_run("sweep", state="running", batches=1, items=100, worker="worker-1:4711", cursor_before={"after": LONG})
    RunBatch.objects.create(run=run, number=1, seconds=0.5, items=100, failed_items=0, cursor={"after": LONG}, lines=[LONG])
    return run


@pytest.fixture
def open_page(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[OpenPage]:
    person = make_person(role="cto", name="Ana Souza")
    client = Client()
    client.force_login(person)
    contexts = []

    def open_at(address: str, *, setup: Callable[[Page], Any] = lambda page: None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_cookies([{"name": "ops_session", "value": client.cookies["ops_session"].value, "url": live_server.url}])
        page = context.new_page()
        setup(page)
        page.goto(live_server.url + address)
        return page

    yield open_at
    for context in contexts:
        context.close()


def test_page_is_accessible_and_fits(open_page: OpenPage, going: Run) -> None:
    make_run("seal-audit-log", state="failed", error=f"ValueError: {LONG}\n\nTraceback")
    item = make_failed_item("sweep", key=LONG[:200], error=LONG, state="given_up")
    make_run("sweep")
    Slot.objects.create(job="sweep", due_at=clock.now(), reason="missed")
    switches.turn_off(actor=make_person(role="cto").actor, name="ENABLE_AUDIT_SEAL", reason=LONG)
    lists = [f"sweep/{part}" for part in ("", "runs/", "slots/", "items/", "schedule/")]
    for address in ("", *lists, "seal-audit-log/", f"runs/{going.pk}/", f"runs/{item.run_id}/", f"items/{item.pk}/aside/", "runs/999999/"):
        page = open_page(f"/ops/jobs/{address}")
        assert (address, flaws(page)) == (address, [])


def test_progress_keeps_itself_fresh_until_the_run_ends(open_page: OpenPage, going: Run) -> None:
    page = open_page(f"/ops/jobs/runs/{going.pk}/")
    expect(page.locator("#live")).to_contain_text("100 items done", timeout=60_000)
    Run.objects.filter(pk=going.pk).update(items=200)
    expect(page.locator("#live")).to_contain_text("200 items done", timeout=60_000)
    Run.objects.filter(pk=going.pk).update(state="succeeded", ended_because="all_done", ended_at=clock.now())
    expect(page.locator(".head__sub")).to_contain_text("Everything was done.", timeout=60_000)
    expect(page.locator("[data-live]")).to_have_count(0)


def test_progress_says_stale_while_the_portal_does_not_answer(open_page: OpenPage, going: Run) -> None:
    page = open_page(f"/ops/jobs/runs/{going.pk}/")
    stale = page.get_by_text("stale: the portal does not answer")
    expect(stale).to_be_hidden()
    page.route("**/progress/", lambda route: route.abort())
    expect(stale).to_be_visible(timeout=60_000)
    expect(page.locator(".toast")).to_have_count(0)
    page.unroute("**/progress/")
    expect(stale).to_be_hidden(timeout=60_000)


def test_due_times_follow_what_is_typed_and_nothing_is_saved(open_page: OpenPage) -> None:
    page = open_page("/ops/jobs/sweep/schedule/")
    expect(page.get_by_label("At", exact=True)).to_be_hidden()
    page.get_by_label("once a day").check()
    expect(page.locator("#preview")).to_contain_text("Not a schedule yet", timeout=60_000)
    page.get_by_label("At", exact=True).fill("03:00")
    page.get_by_label("At", exact=True).blur()
    expect(page.locator("#preview li").first).to_contain_text(re.compile(r"03:00:00"), timeout=60_000)
    page.goto(page.url)
    expect(page.get_by_label("every so often")).to_be_checked()

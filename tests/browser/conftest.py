"""A real Chromium, the one of the operating system; nothing is downloaded."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


def find_chromium(*, ci: bool) -> str:
    """Its path. Where there is none: a failure in CI, elsewhere a skip that says how to get it."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    how = f"needs Chromium: apt-get install chromium, or put one of {', '.join(NAMES)} on the PATH"
    if ci:
        pytest.fail(how)
    pytest.skip(how)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file only: Playwright keeps an event loop in this thread, which Django takes for asynchronous code of ours. Other
    files' code would get a connection of its own in each context."""
    path = find_chromium(ci=bool(os.environ.get("CI")))
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own context: 1280 × 900, light. For others: `browser.new_context(color_scheme="dark", viewport=…)`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()

"""Today, search and the style page."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.http import HttpRequest
from django.test import Client

from accounts.models import Person
from opsportal import frame, search
from opsportal.environment import Env
from opsportal.search import Hit


class Outline(HTMLParser):
    """What every page is checked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings = 0
        self.inline: list[str] = []
        self.title = ""
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.ids += [named["id"]] if named.get("id") else []  # type: ignore[list-item]
        self.headings += tag == "h1"
        self._in = tag
        self.inline += [f"{tag} {name}" for name in named if name == "style" or name.startswith("on") or name.startswith("hx-on")]
        if tag == "style" or (tag == "script" and not named.get("src")):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        if self._in == "title" and not self.title:
            self.title = data
        self._in = ""


@pytest.fixture
def signed_in(client: Client, viewer: Person) -> Client:
    client.force_login(viewer)
    return client


@pytest.mark.parametrize("path", ["/ops/", "/ops/search", "/ops/search?q=to", "/ops/search?q=zzz", "/ops/style", "/nowhere"])
def test_page_has_one_heading_unique_ids_and_nothing_inline(signed_in: Client, path: str) -> None:
    outline = Outline(signed_in.get(path).content.decode())
    assert outline.headings == 1
    assert sorted(outline.ids) == sorted(set(outline.ids))
    assert outline.inline == []
    assert outline.title.endswith(" · SmartBuy operations")


def test_root_leads_to_today(signed_in: Client) -> None:
    assert signed_in.get("/").headers["Location"] == "/ops/"


@pytest.mark.parametrize(("language", "heading"), [("en", "<h1>Saturday 21 November</h1>"), ("pt-br", "<h1>Sábado, 21 de novembro</h1>")])
def test_today_is_the_teams_day_in_the_persons_language(client: Client, viewer: Person, language: str, heading: str) -> None:
    Person.objects.filter(pk=viewer.pk).update(language=language)
    with time_machine.travel(datetime(2026, 11, 22, 1, 30, tzinfo=UTC), tick=False):
        client.force_login(viewer)
        assert heading in client.get("/ops/").content.decode()


def test_style_page_is_not_there_in_production(signed_in: Client, settings: Any) -> None:
    assert signed_in.get("/ops/style").status_code == 200
    settings.OPS_ENV = Env.PRODUCTION
    assert signed_in.get("/ops/style").status_code == 404


def hits(text: str) -> search.Source:
    def source(request: HttpRequest, asked: str) -> Iterable[Hit]:
        return (Hit(f"{text} {number}", "Offer", f"/{number}") for number in range(1000) if asked == "needle")

    return source


def test_search_takes_a_few_hits_of_each_source(rf: Any, viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_sources", [hits("a"), hits("b")])
    request = rf.get("/ops/search")
    request.user = viewer
    found = [hit.label for hit in search.find(request, " needle ")]
    assert found == [f"{source} {number}" for source in "ab" for number in range(search.MOST_HITS)]


def test_search_finds_pages_in_any_case_that_the_person_may_open(rf: Any, viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_sources", [])
    items = [frame.NavItem("Households", "today", "beta", "beta.view"), frame.NavItem("House keys", "style", "access", "accounts.manage_people")]
    monkeypatch.setattr(frame, "_nav", items)
    request = rf.get("/ops/search")
    request.user = viewer
    assert [(hit.label, hit.url) for hit in search.find(request, "HOUSE")] == [("Households", "/ops/")]
    assert search.find(request, "  ") == []


def test_search_cuts_a_text_that_is_too_long(rf: Any, viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def source(request: Any, text: str) -> list[Any]:
        asked.append(text)
        return []

    monkeypatch.setattr(search, "_sources", [source])
    request = rf.get("/ops/search")
    request.user = viewer
    search.find(request, "x" * 5000)
    assert asked == ["x" * search.LONGEST_TEXT]


def test_search_page_keeps_what_was_typed_and_escapes_it(signed_in: Client) -> None:
    html = signed_in.get("/ops/search", {"q": '"><b>zzz'}).content.decode()
    assert 'value="&quot;&gt;&lt;b&gt;zzz"' in html
    assert "Nothing found" in html
    assert "<b>zzz" not in html


@pytest.mark.parametrize("path", ["/ops/", "/ops/search", "/ops/style", "/ops/status-bar", "/"])
def test_page_refuses_other_methods(signed_in: Client, path: str) -> None:
    assert signed_in.post(path).status_code == 405


def test_no_script_evaluates_or_writes_html() -> None:
    scripts = sorted((Path(django_settings.BASE_DIR) / "static/js").glob("*.js"))
    found = [
        (script.name, word)
        for script in scripts
        for word in ("eval(", "innerHTML =", "new Function", "document.write", "outerHTML =")
        if word in script.read_text()
    ]
    assert len(scripts) >= 8
    assert found == []


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    base = Path(django_settings.BASE_DIR)
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (base / "static/icons.svg").read_text()))
    used = {name for template in (base / "templates").rglob("*.html") for name in re.findall(r'{% icon "([^"]+)"', template.read_text())}
    assert used - drawn == set()

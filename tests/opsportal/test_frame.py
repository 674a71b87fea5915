"""What apps register stands around every page, in order, and only for those who may see it."""

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from accounts.models import Person
from opsportal import frame
from opsportal.frame import Fact, Frame, NavItem, Part


@pytest.fixture
def empty_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_nav", "_facts", "_banners", "_bar_actions", "_cards"):
        monkeypatch.setattr(frame, name, [])


def notice(words: str) -> Part:
    return Part("components/notice.html", {"tone": "warn", "text": words})


def words_of(html: str) -> str:
    return " ".join(strip_tags(html).split())


@pytest.fixture
def ask(rf: Any, viewer: Person) -> Any:
    request = rf.get("/ops/")
    request.user = viewer
    return request


@pytest.mark.usefixtures("empty_frame")
def test_facts_come_in_order_and_without_those_that_say_nothing(ask: Any) -> None:
    frame.register_fact(lambda request: Fact("Jobs", "on", "ok"), order=2)
    frame.register_fact(lambda request: None, order=0)
    frame.register_fact(lambda request: Fact("Signups", "STOPPED 13:59", "stopped", url="/ops/beta/"), order=1)
    assert [fact.label for fact in Frame(ask).facts] == ["Signups", "Jobs"]


@pytest.mark.usefixtures("empty_frame")
def test_navigation_shows_only_what_the_person_may_open(ask: Any, owner: Person) -> None:
    frame.register_nav(NavItem("Later", "today", "today", "opsportal.view", order=9), NavItem("Soon", "search", "search", "opsportal.view", order=1))
    frame.register_nav(NavItem("Keys", "style", "access", "accounts.manage_people", group="records"))
    groups = Frame(ask).navigation
    assert [(group["key"], [str(line["item"].label) for line in group["items"]]) for group in groups] == [("top", ["Soon", "Later"])]
    ask.user = owner
    assert [group["key"] for group in Frame(ask).navigation] == ["top", "records"]


@pytest.mark.usefixtures("empty_frame")
@pytest.mark.parametrize(
    ("path", "current"), [("/ops/", [True, False]), ("/ops/search", [False, True]), ("/ops/search/deep", [False, True]), ("/ops/x", [False, False])]
)
def test_navigation_marks_the_page_shown(ask: Any, path: str, current: list[bool]) -> None:
    frame.register_nav(NavItem("A", "today", "today", "opsportal.view"), NavItem("B", "search", "search", "opsportal.view", prefix="/ops/search"))
    ask.path = path
    assert [line["current"] for line in Frame(ask).navigation[0]["items"]] == current


@pytest.mark.usefixtures("empty_frame")
@pytest.mark.parametrize(("path", "current"), [("/ops/search/deep", [True, False]), ("/ops/search/in/deep", [False, True])])
def test_navigation_marks_the_nearest_of_two_desks_one_under_the_other(ask: Any, path: str, current: list[bool]) -> None:
    frame.register_nav(NavItem("A", "today", "today", "opsportal.view", prefix="/ops/search/"))
    frame.register_nav(NavItem("B", "style", "search", "opsportal.view", prefix="/ops/search/in/"))
    ask.path = path
    assert [line["current"] for line in Frame(ask).navigation[0]["items"]] == current


@pytest.mark.usefixtures("empty_frame")
def test_navigation_shows_a_count_only_where_somebody_must_act(client: Client, viewer: Person) -> None:
    frame.register_nav(NavItem("Quiet", "today", "today", "opsportal.view"))
    frame.register_nav(NavItem("Busy", "search", "search", "opsportal.view", count=lambda request: 3))
    client.force_login(viewer)
    html = client.get("/ops/").content.decode()
    assert html.count('class="count"') == 1
    assert "Busy, waiting for a person: 3" in words_of(html)


@pytest.mark.usefixtures("empty_frame")
def test_every_registered_part_stands_on_every_page(client: Client, viewer: Person) -> None:
    frame.register_banner(lambda request: notice("SEV-1 is open"))
    frame.register_banner(lambda request: None)
    frame.register_bar_action(lambda request: notice("STOP stands here"))
    frame.register_fact(lambda request: Fact("Signups", "STOPPED 13:59", "stopped", url="/ops/beta/"), order=1)
    client.force_login(viewer)
    for path in ("/ops/", "/ops/search", "/ops/style", "/nowhere"):
        html = client.get(path).content.decode()
        assert [html.count(words) for words in ("SEV-1 is open", "STOP stands here", "STOPPED 13:59", "state__cell is-stopped")] == [1, 1, 1, 1], path


@pytest.mark.usefixtures("empty_frame")
def test_status_bar_answers_with_its_regions_only(client: Client, viewer: Person) -> None:
    frame.register_banner(lambda request: notice("SEV-1 is open"))
    frame.register_fact(lambda request: Fact("Jobs", "1 failing", "fail"), order=1)
    client.force_login(viewer)
    answer = client.get("/ops/status-bar")
    html = answer.content.decode()
    assert [html.count(f'data-region="{name}"') for name in ("banners", "state", "actions")] == [1, 1, 1]
    assert "1 failing" in html
    assert "<html" not in html
    assert "no-store" in answer.headers["Cache-Control"]


def test_status_bar_without_a_session_names_no_figure(client: Client, viewer: Person) -> None:
    answer = client.get("/ops/status-bar", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/ops/beta/"})
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/ops/beta/"
    assert answer.content == b""


@pytest.mark.usefixtures("empty_frame")
def test_cards_come_in_order(ask: Any) -> None:
    frame.register_card(lambda request: notice("second"), order=2)
    frame.register_card(lambda request: notice("first"), order=1)
    assert [card.context["text"] for card in frame.cards(ask)] == ["first", "second"]


def test_frame_is_not_there_for_strangers(client: Client, viewer: Person) -> None:
    html = client.get("/nowhere").content.decode()
    assert "data-status-bar" not in html
    assert 'class="nav"' not in html

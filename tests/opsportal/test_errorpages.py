"""What people and programs get instead of a page."""

from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import path
from django.utils.html import strip_tags

from accounts.models import Person
from opsportal import errorpages
from opsportal.access import public, requires
from opsportal.urls import handler400, handler403, handler404, handler500
from opsportal.urls import urlpatterns as real_routes


class Planted(Exception):
    pass


def failing(error: Exception) -> Any:
    @public
    def view(request: HttpRequest) -> Any:
        raise error

    return view


@requires("accounts.manage_people")
def for_the_cto(request: HttpRequest) -> Any:
    raise AssertionError


# This module is a root URLconf of its own: the portal's routes and some that fail.
assert all((handler400, handler403, handler404, handler500))
urlpatterns = [
    path("broken", failing(Planted("secret figure 4711"))),
    path("away", failing(OperationalError("host=10.1.2.3 refused"))),
    path("cut", failing(InterfaceError("closed"))),
    path("odd", failing(SuspiciousOperation("odd"))),
    path("api/broken", failing(Planted("secret figure 4711"))),
    path("api/away", failing(OperationalError("host=10.1.2.3 refused"))),
    path("cto", for_the_cto),
    *real_routes,
]
pytestmark = [pytest.mark.urls(__name__)]


@pytest.fixture
def visitor(client: Client, db: None) -> Client:
    client.raise_request_exception = False
    return client


def words_of(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/broken", 500, "Something broke on our side"),
        ("/away", 503, "The database does not answer"),
        ("/cut", 503, "The database does not answer"),
        ("/odd", 400, "The request makes no sense"),
        ("/nowhere", 404, "There is nothing here"),
    ],
)
def test_page_says_what_happened(visitor: Client, address: str, status: int, words: str) -> None:
    answer = visitor.get(address)
    assert answer.status_code == status
    assert answer.content.decode().count(f"<h1>{words}</h1>") == 1
    assert "4711" not in words_of(answer)
    assert "10.1.2.3" not in words_of(answer)


@pytest.mark.parametrize(
    ("address", "status", "code"), [("/api/broken", 500, "internal"), ("/api/away", 503, "unavailable"), ("/api/nowhere", 404, "not_found")]
)
def test_program_gets_problem_json(visitor: Client, address: str, status: int, code: str) -> None:
    answer = visitor.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    assert {name: body[name] for name in ("type", "status", "code", "instance")} == {
        "type": "about:blank",
        "status": status,
        "code": code,
        "instance": address,
    }
    assert "4711" not in answer.content.decode()


@pytest.mark.parametrize(("error", "template"), [(OperationalError(), 503), (ValueError(), 500)])
def test_failure_page_asks_the_database_nothing(
    rf: RequestFactory, error: Exception, template: int, django_assert_num_queries: Any, viewer: Person
) -> None:
    request = rf.get("/ops/")
    with django_assert_num_queries(0):
        try:
            raise error
        except Exception:
            answer = errorpages.server_error(request)
    assert answer.status_code == template
    assert "SmartBuy" in answer.content.decode()


def test_refused_page_says_which_roles_may(visitor: Client, viewer: Person) -> None:
    visitor.force_login(viewer)
    answer = visitor.get("/cto")
    assert answer.status_code == 403
    assert "It needs the permission “Invite people, change roles, deactivate”. These roles have it: CTO. Yours is Viewer." in words_of(answer)
    assert "data-status-bar" in answer.content.decode()


def test_expired_form_says_what_is_not_lost_and_leads_back(visitor: Client, viewer: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(viewer)
    answer = strict.post("/language/", {"language": "en"}, headers={"Referer": "http://testserver/ops/beta/"})
    assert answer.status_code == 403
    assert "What you typed is not lost" in words_of(answer)
    assert 'href="http://testserver/ops/beta/"' in answer.content.decode()


def test_expired_form_never_leads_to_a_foreign_page(viewer: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language/", {"language": "en"}, headers={"Referer": "http://evil.example/"})
    assert answer.status_code == 403
    assert "evil.example" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_away_page_comes_out_while_the_database_refuses(viewer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(viewer)
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nonexistent")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    answer = client.get("/ops/")
    monkeypatch.undo()
    connection.close()
    assert answer.status_code == 503
    assert "nobody new gets a seat" in words_of(answer)

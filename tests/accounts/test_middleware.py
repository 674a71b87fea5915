import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import queries
from accounts.models import Person
from opsportal.problem import CONTENT_TYPE
from tests.factories import make_person
from tests.signing_in import sign_in

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/ops/access/?cursor=abc"}


@pytest.fixture
def nobody_yet(db, monkeypatch):
    monkeypatch.setattr(queries, "_somebody", False)


def test_a_page_without_a_session_leads_to_sign_in_and_back(client, db):
    answer = client.get("/ops/access/?cursor=abc")
    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=/ops/access/%3Fcursor%3Dabc")


def test_a_form_sent_without_a_session_leads_back_to_the_page_it_stood_on(client, db):
    answer = client.post(reverse("access_end_other_sessions"), headers={"Referer": "http://testserver/ops/access/me/sessions/"})
    assert answer.url == "/accounts/login/?next=/ops/access/me/sessions/"
    said = "Your session was over, so nothing was changed. Sign in and do it again."
    assert client.get(answer.url).content.decode().count(said) == 1
    elsewhere = client.post(reverse("access_end_other_sessions"), headers={"Referer": "https://evil.example/x"})
    assert elsewhere.url == "/accounts/login/?next=/ops/"


def test_an_htmx_call_without_a_session_moves_the_whole_window(client, db):
    answer = client.get("/ops/access/roles/", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (200, "/accounts/login/?next=/ops/access/%3Fcursor%3Dabc", b"")


def test_a_program_gets_a_problem_and_no_redirect(client, db):
    answer = client.get("/api/openapi.json")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"], answer["WWW-Authenticate"]) == (
        401,
        CONTENT_TYPE,
        "unauthenticated",
        'Bearer realm="ops"',
    )


def test_a_program_s_call_never_reads_a_session(client, viewer, django_assert_num_queries):
    client.force_login(viewer)
    with django_assert_num_queries(0):
        assert client.get("/api/nothing-here").status_code == 404


@pytest.mark.parametrize("path", ["/", "/ops/", "/accounts/login/"])
def test_an_empty_portal_leads_to_the_first_page(client, nobody_yet, path):
    answer = client.get(path)
    assert (answer.status_code, answer.url) == (302, reverse("access_first"))


def test_with_people_nobody_asks_whether_there_are_any(client, nobody_yet, django_assert_num_queries):
    make_person()
    client.get("/ops/")
    with django_assert_num_queries(0):
        assert client.get("/ops/").url == "/accounts/login/?next=/ops/"


def test_the_person_s_language_and_zone_count(client, viewer):
    Person.objects.filter(pk=viewer.pk).update(language="pt-br", time_zone="Asia/Tokyo")
    client.force_login(viewer)
    for path in (reverse("account"), "/ops/nothing-here/"):
        assert '<html lang="pt-br">' in client.get(path, headers={"Accept-Language": "en"}).content.decode()
    assert "(Asia/Tokyo)" in client.get(reverse("access_people")).content.decode()


def test_the_zone_of_one_request_does_not_leak_into_the_next(client, viewer):
    Person.objects.filter(pk=viewer.pk).update(time_zone="Asia/Tokyo")
    client.force_login(viewer)
    client.get(reverse("account"))
    assert timezone.get_current_timezone_name() == "America/Sao_Paulo"


def test_an_unknown_visitor_s_language_is_their_browser_s(client, db):
    assert '<html lang="pt-br">' in client.get("/accounts/login/", headers={"Accept-Language": "pt-BR,en;q=0.5"}).content.decode()


@pytest.mark.parametrize("role", ["engineer", "cto"])
def test_production_asks_dangerous_roles_for_a_second_factor_first(client, db, settings, role):
    settings.PRODUCTION = True
    person = make_person(role=role)
    sign_in(client, person)
    assert client.get("/ops/").url == reverse("mfa_index")
    assert client.get("/ops/", headers=HTMX)["HX-Redirect"] == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    Person.objects.filter(pk=person.pk).update(second_factor=True)
    assert client.get("/ops/").status_code == 200


def test_production_asks_others_for_none(client, viewer, settings):
    settings.PRODUCTION = True
    sign_in(client, viewer)
    assert client.get("/ops/").status_code == 200


def test_having_a_second_factor_costs_no_query(client, db, settings):
    sign_in(client, make_person(role="cto", second_factor=True))
    counts = []
    for settings.PRODUCTION in (False, True):
        with CaptureQueriesContext(connection) as queries_made:
            assert client.get(reverse("access_roles")).status_code == 200
        counts.append(len(queries_made))
    assert counts[0] == counts[1]

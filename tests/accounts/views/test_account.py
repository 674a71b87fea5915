from django.test import Client
from django.urls import reverse

from accounts.models import Person
from audit.models import AuditLog
from tests.factories import PASSWORD, make_person
from tests.signing_in import sign_in


def enter(person):
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def test_profile_is_changed_and_the_answer_speaks_the_new_language(client, viewer):
    sign_in(client, viewer)
    answer = client.post(reverse("account"), {"name": "Vera", "language": "pt-br", "time_zone": "Europe/Lisbon"}, follow=True)
    assert '<html lang="pt-br">' in answer.content.decode()
    assert Person.objects.values_list("name", "language", "time_zone").get() == ("Vera", "pt-br", "Europe/Lisbon")


def test_profile_with_a_zone_of_another_world_is_refused(client, viewer):
    sign_in(client, viewer)
    assert client.post(reverse("account"), {"name": "Vera", "language": "en", "time_zone": "Mars/Base"}).status_code == 422


def test_choosing_a_language_signed_in_changes_the_profile(client, viewer):
    sign_in(client, viewer)
    answer = client.post(reverse("set_language"), {"language": "pt-br", "next": "/ops/access/"})
    assert answer.url == "/ops/access/"
    assert Person.objects.get().language == "pt-br"
    assert AuditLog.objects.get().changes == {"language": ["en", "pt-br"]}


def test_choosing_a_language_as_a_stranger_sets_a_cookie_and_leads_nowhere_else(client, db):
    answer = client.post(reverse("set_language"), {"language": "pt-br", "next": "https://evil.example/"})
    assert (answer.url, answer.cookies["django_language"].value) == ("/", "pt-br")


def test_sessions_are_listed_and_one_is_ended(viewer):
    here, there, third = enter(viewer), enter(viewer), enter(viewer)
    listed = here.get(reverse("usersessions_list")).context["sessions"]
    one = next(row for row in listed if row.session_key == there.session.session_key)
    here.post(reverse("access_end_other_sessions"), {"session": one.pk})
    assert [client.get("/ops/access/").status_code for client in (here, there, third)] == [200, 302, 200]
    row = AuditLog.objects.latest("id")
    assert (row.action_type, row.changes) == ("END_SESSIONS", {"ended": [None, 1]})


def test_all_other_sessions_are_ended(viewer):
    here, there, third = enter(viewer), enter(viewer), enter(viewer)
    here.post(reverse("access_end_other_sessions"))
    assert [client.get("/ops/access/").status_code for client in (here, there, third)] == [200, 302, 302]


def test_a_colleague_s_session_can_not_be_ended_from_one_s_own_list(client, viewer):
    other = make_person()
    browser = enter(other)
    sign_in(client, viewer)
    theirs = browser.get(reverse("usersessions_list")).context["sessions"][0]
    for wrong in (theirs.pk, "x", "-1"):
        page = client.post(reverse("access_end_other_sessions"), {"session": wrong}, follow=True)
        assert "This session is over already." in page.content.decode()
    assert browser.get("/ops/access/").status_code == 200
    assert AuditLog.objects.filter(action_type="END_SESSIONS").count() == 0

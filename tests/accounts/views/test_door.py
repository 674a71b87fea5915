import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions, queries
from accounts.models import Person
from audit.models import AuditLog
from tests.accounts.conftest import ACTOR
from tests.factories import PASSWORD, make_person

FIRST = {"name": "Ana Souza", "email": "ana@example.com", "password": PASSWORD}


@pytest.fixture
def nobody_yet(db, monkeypatch):
    monkeypatch.setattr(queries, "_somebody", False)


def test_the_first_person_becomes_cto_and_is_signed_in(client, nobody_yet):
    answer = client.post(reverse("access_first"), FIRST)
    assert (answer.status_code, answer.url) == (302, "/ops/")
    assert Person.objects.values_list("email", "role").get() == ("ana@example.com", "cto")
    assert client.get("/ops/access/").status_code == 200
    assert list(AuditLog.objects.order_by("id").values_list("action_type", "actor_label")) == [
        ("CREATE_PERSON", "ana@example.com"), ("SIGN_IN", "Ana Souza (CTO)")]  # fmt: skip


def test_with_somebody_there_the_first_page_makes_nobody(client, nobody_yet):
    make_person()
    assert client.post(reverse("access_first"), FIRST).url == reverse("account_login")
    assert Person.objects.count() == 1


def test_the_first_page_with_a_weak_password_keeps_what_was_typed(client, nobody_yet):
    answer = client.post(reverse("access_first"), FIRST | {"password": "short"})
    assert (answer.status_code, 'value="Ana Souza"' in answer.content.decode(), Person.objects.count()) == (422, True, 0)
    assert 'value="short"' not in answer.content.decode()


def test_in_production_the_first_person_is_made_by_command_only(client, nobody_yet, settings):
    settings.PRODUCTION = True
    page = client.post(reverse("access_first"), FIRST).content.decode()
    assert "manage.py create_person you@company.example --role cto" in page
    assert Person.objects.count() == 0


def test_two_who_press_the_first_button_at_once_make_one(at_once, monkeypatch):
    monkeypatch.setattr(queries, "_somebody", False)
    posts = [lambda n=n: Client().post(reverse("access_first"), FIRST | {"email": f"ana{n}@example.com"}) for n in range(3)]
    answers = [(answer.status_code, answer.headers.get("Location", "")) for answer in at_once(*posts)]
    assert answers.count((302, "/ops/")) == 1
    assert {answer for answer in answers if answer != (302, "/ops/")} <= {(302, "/accounts/login/"), (422, "")}
    assert Person.objects.count() == 1


def test_a_link_lets_in_once_and_signs_in(client, db):
    made = actions.invite_person(actor=ACTOR, email="bia@example.com", role="support", name="Bia")
    url = reverse("access_join", args=[made.token])
    page = client.get(url).content.decode()
    assert re.search(r'name="name" value="Bia"', page)
    answer = client.post(url, {"name": "Bia Lima", "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/ops/")
    assert client.get("/ops/access/").status_code == 200
    assert list(AuditLog.objects.order_by("id").values_list("action_type", "actor_label"))[1:] == [
        ("ACCEPT_INVITE", "bia@example.com"), ("SIGN_IN", "Bia Lima (Support)")]  # fmt: skip
    again = Client().get(url)
    assert (again.status_code, "This link was used already" in again.content.decode()) == (409, True)


def test_a_link_never_made_gets_a_clear_page(client, db):
    answer = client.get(reverse("access_join", args=["made-up"]))
    assert (answer.status_code, "This link is not one of ours" in answer.content.decode()) == (404, True)


def test_a_link_opened_while_signed_in_as_somebody_else_changes_over(client, viewer):
    client.force_login(viewer)
    made = actions.invite_person(actor=ACTOR, email="bia@example.com", role="support", name="Bia")
    client.post(reverse("access_join", args=[made.token]), {"name": "Bia", "password": PASSWORD})
    assert client.get(reverse("account")).context["request"].user.email == "bia@example.com"

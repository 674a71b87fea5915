import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions
from accounts.models import Person, PersonInvite
from audit.models import AuditLog
from tests.accounts.conftest import ACTOR
from tests.factories import PASSWORD, make_person
from tests.signing_in import sign_in

PAGES = ["access_people", "access_roles", "access_clients"]


@pytest.mark.parametrize("name", PAGES)
def test_everybody_sees_the_pages_of_access(client, viewer, name):
    sign_in(client, viewer)
    assert client.get(reverse(name)).status_code == 200


def test_people_take_the_same_queries_for_one_and_three(client, viewer):
    sign_in(client, viewer)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            make_person()
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(reverse("access_people")).context["page"].rows) == 1 + more
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_who_may_not_manage_gets_no_forms_and_a_page_that_says_who_may(client, operator, owner):
    sign_in(client, operator)
    assert 'form method="post" action="/ops/access/' not in client.get(reverse("access_person", args=[owner.pk])).content.decode()
    for answer in (client.get(reverse("access_invite")), client.post(reverse("access_change_role", args=[owner.pk]), {"role": "viewer"})):
        page = answer.content.decode()
        assert (answer.status_code, "Invite people, change roles, deactivate" in page, "<b>CTO</b>" in page) == (403, True, True)
    assert AuditLog.objects.count() == 0


def test_invite_shows_the_link_once(client, owner):
    sign_in(client, owner)
    answer = client.post(reverse("access_invite"), {"email": "bia@example.com", "name": "Bia", "role": "support"})
    link = re.search(r"(/ops/access/join/[\w-]+/)", answer.content.decode())[1]
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    token = link.split("/")[-2]
    assert token not in client.get(reverse("access_people")).content.decode() + str(dict(client.session))
    assert client.get(link).status_code == 200


def test_invite_with_a_wrong_address_keeps_what_was_typed(client, owner):
    sign_in(client, owner)
    make_person(email="bia@example.com")
    answer = client.post(reverse("access_invite"), {"email": "bia@example.com", "name": "Bia Lima", "role": "support"})
    page = answer.content.decode()
    assert (answer.status_code, "belongs to a colleague already" in page, 'value="Bia Lima"' in page) == (422, True, True)


def test_take_back_an_invitation(client, owner):
    sign_in(client, owner)
    made = actions.invite_person(actor=ACTOR, email="bia@example.com", role="viewer")
    assert client.post(reverse("access_revoke_invite", args=[made.invite.pk])).url == reverse("access_people")
    closed = client.get(reverse("access_join", args=[made.token]))
    assert (closed.status_code, "This link was taken back" in closed.content.decode()) == (409, True)


def test_change_role_of_the_last_cto_says_why_not(client, owner):
    sign_in(client, owner)
    answer = client.post(reverse("access_change_role", args=[owner.pk]), {"role": "viewer"})
    assert (answer.status_code, "is the last active CTO" in answer.content.decode()) == (422, True)


def test_deactivate_asks_why_and_reactivate_lets_in_again(client, owner, viewer):
    sign_in(client, owner)
    url = reverse("access_deactivate", args=[viewer.pk])
    assert "dialog" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "left"}).url == reverse("access_person", args=[viewer.pk])
    assert not Person.objects.get(pk=viewer.pk).is_active
    client.post(reverse("access_reactivate", args=[viewer.pk]))
    assert Person.objects.get(pk=viewer.pk).is_active
    assert list(AuditLog.objects.order_by("id").values_list("action_type", "reason")) == [("DEACTIVATE_PERSON", "left"), ("REACTIVATE_PERSON", "")]


def test_end_sessions_of_a_colleague(client, owner, viewer):
    browser = Client()
    browser.post(reverse("account_login"), {"login": viewer.email, "password": PASSWORD})
    sign_in(client, owner)
    client.post(reverse("access_end_sessions", args=[viewer.pk]))
    assert browser.get(reverse("account")).status_code == 302
    assert AuditLog.objects.latest("id").changes == {"ended": [None, 1]}


def test_roles_page_says_what_the_table_says(client, viewer):
    from accounts.roles import PERMISSIONS, Role

    sign_in(client, viewer)
    rows = client.get(reverse("access_roles")).context["rows"]
    assert [[permission.name, cells] for permission, cells in rows] == [[one.name, [role in one.roles for role in Role]] for one in PERMISSIONS]


# --- fresh sign-in


def test_a_stale_session_keeps_what_was_sent_and_goes_on_after_the_password(owner):
    client = sign_in(Client(enforce_csrf_checks=True), owner, seconds_ago=601)
    token = client.get(reverse("access_invite")).cookies["ops_csrf"].value
    sent = {"email": "bia@example.com", "name": "Bia", "role": "support", "csrfmiddlewaretoken": token}
    asked = client.post(reverse("access_invite"), sent)
    assert asked.url == "/accounts/reauthenticate/?next=%2Fops%2Faccess%2Finvite%2F"
    assert (PersonInvite.objects.count(), AuditLog.objects.count()) == (0, 0)
    assert client.get(asked.url).status_code == 200
    wrong = client.post("/accounts/reauthenticate/", {"password": "wrong wrong", "next": "/ops/access/invite/", "csrfmiddlewaretoken": token})
    assert (wrong.status_code, PersonInvite.objects.count()) == (200, 0)
    done = client.post(
        "/accounts/reauthenticate/", {"password": PASSWORD, "next": "/ops/access/invite/", "csrfmiddlewaretoken": token}, REMOTE_ADDR="10.1.1.1"
    )
    assert (done.status_code, "/ops/access/join/" in done.content.decode()) == (200, True)
    assert PersonInvite.objects.values_list("email", "name", "role").get() == ("bia@example.com", "Bia", "support")
    acts = list(AuditLog.objects.order_by("id").values_list("action_type", "actor_id", "ip"))
    me = str(owner.pk)
    assert acts == [("SIGN_IN_FAILED", me, "127.0.0.1"), ("CONFIRM_IDENTITY", me, "10.1.1.1"), ("INVITE_PERSON", me, "10.1.1.1")]
    assert len(set(AuditLog.objects.exclude(action_type="SIGN_IN_FAILED").values_list("request_id", flat=True))) == 1


def test_an_htmx_call_of_a_stale_session_moves_the_window_and_ends_on_a_whole_page(client, owner, viewer):
    sign_in(client, owner, seconds_ago=601)
    asked = client.post(reverse("access_deactivate", args=[viewer.pk]), {"reason": "left"}, headers={"HX-Request": "true"})
    target = reverse("access_deactivate", args=[viewer.pk])
    assert (asked.status_code, asked["HX-Redirect"]) == (200, f"/accounts/reauthenticate/?next={target.replace('/', '%2F')}")
    done = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target})
    assert (done.status_code, done.url) == (302, reverse("access_person", args=[viewer.pk]))
    assert AuditLog.objects.latest("id").reason == "left"


def test_what_was_kept_is_refused_when_the_role_was_lost_meanwhile(client, owner, viewer):
    make_person(role="cto")
    sign_in(client, owner, seconds_ago=601)
    target = reverse("access_change_role", args=[viewer.pk])
    client.post(target, {"role": "cto"})
    actions.change_role(actor=ACTOR, person_id=owner.pk, role="viewer")
    done = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target})
    assert done.status_code == 403
    assert Person.objects.get(pk=viewer.pk).role == "viewer"


def test_what_is_kept_holds_no_cookie_and_no_htmx_header(client, owner):
    sign_in(client, owner, seconds_ago=601)
    client.post(reverse("access_invite"), {"email": "bia@example.com", "role": "viewer"}, headers={"HX-Request": "true"})
    kept = str(dict(client.session))
    assert ("bia%40example.com" in kept, "HTTP_COOKIE" in kept, "HTTP_HX" in kept) == (True, False, False)

import time
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse

from audit.models import AuditLog
from beta.actions import change_program, pause_invites, remove_household, stop_signups
from beta.models import Household, Invite, Program, Refusal
from opsportal import clock
from tests.factories import PASSWORD, make_household, make_invite, make_person


def sign_in(client, person):
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def go_stale(client):
    """Make the session's sign-in older than ten minutes."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 3600
    session.save()


@pytest.fixture
def cto(client, owner):
    return sign_in(client, owner)


def text(response):
    return " ".join(response.content.decode().split())


def test_stop_is_one_post_and_asks_for_the_reason_afterwards(cto):
    make_household()
    assert "Stop signups now?" in text(cto.get(reverse("beta_stop")))
    response = cto.post(reverse("beta_stop"), follow=True)
    assert response.redirect_chain == [("/ops/beta/", 302)]
    page = text(response)
    assert "by Ana Souza (CTO)" in page
    assert "Why were they stopped?" in page
    assert Program.objects.get().stopped_by == "Ana Souza (CTO)"
    cto.post(reverse("beta_explain"), {"stop-reason": "a leaked code"})
    assert Program.objects.get().stop_reason == "a leaked code"


def test_reason_without_words_is_an_error_and_the_page_stays(cto):
    cto.post(reverse("beta_stop"))
    response = cto.post(reverse("beta_explain"), {"stop-reason": "  "})
    assert (response.status_code, Program.objects.get().stop_reason) == (422, "")


def test_resume_with_a_fresh_sign_in_opens_again(cto):
    cto.post(reverse("beta_stop"))
    response = cto.post(reverse("beta_resume"), {"resume-reason": "fixed"})
    assert (response.status_code, Program.objects.get().stopped_at) == (302, None)


def test_resume_with_a_stale_sign_in_asks_for_the_password_and_keeps_the_words(cto):
    cto.post(reverse("beta_stop"))
    go_stale(cto)
    response = cto.post(reverse("beta_resume"), {"resume-reason": "fixed it"})
    assert response.url.startswith("/accounts/reauthenticate/")
    assert Program.objects.get().stopped_at is not None
    cto.post(response.url, {"password": PASSWORD})
    row = AuditLog.objects.get(action_type="RESUME_SIGNUPS")
    assert (row.reason, Program.objects.get().stopped_at) == ("fixed it", None)


def test_stop_needs_no_fresh_sign_in(cto):
    go_stale(cto)
    cto.post(reverse("beta_stop"))
    assert Program.objects.get().stopped_at is not None


@pytest.mark.parametrize("role", ["viewer", "catalog"])
def test_those_who_may_not_stop_see_no_button_and_get_403(client, db, role):
    sign_in(client, make_person(role=role))
    assert reverse("beta_stop") not in text(client.get(reverse("beta")))
    response = client.post(reverse("beta_stop"))
    assert (response.status_code, Program.objects.get().stopped_at) == (403, None)
    assert "CTO" in text(response)


def test_support_may_stop_but_not_resume(client, support):
    sign_in(client, support)
    client.post(reverse("beta_stop"))
    assert client.post(reverse("beta_resume"), {"resume-reason": "x"}).status_code == 403
    assert Program.objects.get().stopped_at is not None


def test_stopped_banner_stands_on_every_page(client, viewer, owner):
    stop_signups(actor=owner.actor)
    sign_in(client, viewer)
    for name in ("today", "beta", "audit", "beta_households", "access_people"):
        assert "Signups are STOPPED" in text(client.get(reverse(name)))


@override_settings(BETA_SIGNUPS_PAUSED=True)
def test_page_says_that_the_environment_holds(cto):
    page = text(cto.get(reverse("beta")))
    assert "Held by the environment variable BETA_SIGNUPS_PAUSED" in page
    response = cto.post(reverse("beta_resume"), {"resume-reason": "x"})
    assert response.status_code == 422


def test_cap_changes_with_a_reason_and_says_what_it_means(cto):
    make_household()
    make_household()
    response = cto.post(reverse("beta_cap"), {"cap": "1", "reason": "too many"}, follow=True)
    assert "below the 2 seats taken" in text(response)
    bad = cto.post(reverse("beta_cap"), {"cap": "many", "reason": "typed text"})
    assert (bad.status_code, "typed text" in text(bad)) == (422, True)
    assert cto.post(reverse("beta_cap"), {"cap": "5", "reason": ""}).status_code == 422
    assert Program.objects.get().cap == 1


def test_program_form_saves_and_keeps_what_was_typed(cto):
    values = {"name": "Beta", "starts_on": "2026-11-16", "days": "14", "reason": "start"}
    assert cto.post(reverse("beta_program"), values).status_code == 302
    program = Program.objects.get()
    assert (program.name, str(program.starts_on), program.invite_only) == ("Beta", "2026-11-16", False)
    assert "Beta two" in text(cto.post(reverse("beta_program"), values | {"name": "Beta two", "days": "0"}))


@pytest.mark.parametrize("day", ["9999-12-31", "3000-01-01", "1999-12-31"])
def test_program_form_refuses_a_first_day_that_can_only_be_a_slip(cto, day):
    values = {"name": "Beta", "starts_on": day, "days": "14", "reason": "A slip"}
    assert cto.post(reverse("beta_program"), values).status_code == 422
    assert cto.get(reverse("beta")).status_code == 200


def test_invites_are_created_listed_filtered_revoked_exported(cto):
    cto.post(reverse("beta_invite_create"), {"count": "3", "uses": "2", "days": "7", "batch": "=Friends"})
    code = Invite.objects.order_by("id").first().code
    cto.post(reverse("beta_invite_revoke", args=[Invite.objects.get(code=code).pk]), {"reason": ""})
    assert code in text(cto.get(reverse("beta_invites"), {"state": "revoked"}))
    assert code not in text(cto.get(reverse("beta_invites"), {"state": "live"}))
    lines = b"".join(cto.post(reverse("beta_invite_export"), {"state": "revoked"}).streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{code},revoked,2,0,'=Friends,")
    assert AuditLog.objects.filter(action_type="EXPORT_INVITES").count() == 1


def test_pause_and_unpause(cto):
    assert cto.post(reverse("beta_pause"), {"reason": ""}).status_code == 422
    cto.post(reverse("beta_pause"), {"reason": "six fixes"})
    assert "six fixes" in text(cto.get(reverse("beta")))
    cto.post(reverse("beta_unpause"), {"reason": "fixed"})
    assert Program.objects.get().invites_paused_at is None


def test_household_is_found_removed_and_brought_back(cto):
    household = make_household(name="Casa Nogueira", email="nogueira@example.com")
    make_household(name="Casa Okada")
    found = text(cto.get(reverse("beta_households"), {"q": "nogueira"}))
    assert ("Casa Nogueira" in found, "Casa Okada" in found) == (True, False)
    address = reverse("beta_household", args=[household.pk])
    cto.post(address + "remove/", {"reason": "moved"})
    assert "moved" in text(cto.get(address))
    cto.post(address + "reactivate/", {"reason": "back"})
    assert Household.objects.get(pk=household.pk).status == "active"


def test_reactivation_that_the_gate_refuses_is_said_in_the_form(cto, owner):
    household = make_household()
    remove_household(actor=owner.actor, household_id=household.pk, reason="x")
    stop_signups(actor=owner.actor)
    response = cto.post(reverse("beta_household_reactivate", args=[household.pk]), {"reason": "back"})
    assert (response.status_code, "Signups are stopped" in text(response)) == (422, True)


def test_refusals_are_listed_by_reason(cto):
    Refusal.objects.create(code="invite_used", household_key="hh-1")
    Refusal.objects.create(code="cap_reached", household_key="hh-2")
    page = text(cto.get(reverse("beta_refusals"), {"code": "cap_reached"}))
    assert ("hh-2" in page, "hh-1" in page) == (True, False)


def test_tampered_cursor_is_a_clear_error(cto):
    assert cto.get(reverse("beta_households"), {"cursor": "nonsense"}).status_code == 400


@pytest.mark.parametrize("name", ["beta", "beta_households", "beta_invites", "beta_refusals"])
def test_page_costs_the_same_with_one_and_with_many(cto, owner, name, django_assert_max_num_queries):
    change_program(actor=owner.actor, starts_on=clock.today() - timedelta(days=3), reason="x")
    pause_invites(actor=owner.actor, reason="x")
    # Eight of them are the frame's: the switches, and what waits in jobs, outbox, health, offers, billing, support and reviews.
    most = {"beta": 18, "beta_households": 13, "beta_invites": 14, "beta_refusals": 13}[name]
    for _round in range(2):
        with django_assert_max_num_queries(most):
            assert cto.get(reverse(name)).status_code == 200
        for _number in range(3):
            make_household()
            make_invite()
            Refusal.objects.create(code="cap_reached")

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from audit.actors import Actor
from audit.models import AuditLog
from beta.actions import stop_signups
from opsportal import clock
from switches import actions
from switches.models import Read, Switch
from tests.factories import make_person
from tests.signing_in import sign_in

ANA = Actor.system("Ana")
NAME = "ENABLE_PRICE_TRACKER"
LIST = "/ops/switches/"
PAGE = f"{LIST}{NAME}/"


@pytest.fixture
def cto(client, owner):
    return sign_in(client, owner)


def text(response):
    return " ".join(response.content.decode().split())


def seen_by(client_id, version, *, minutes=0, name=NAME, value=False):
    at = clock.now() - timedelta(minutes=minutes)
    return Read.objects.create(switch=name, client_id=client_id, client_label=f"product {client_id}", read_at=at, version=version, value=value)


def off(name=NAME, **values):
    return actions.turn_off(actor=ANA, name=name, reason="shops block us", **values)


def test_list_shows_the_master_first_and_the_reading_last(cto):
    page = text(cto.get(LIST))
    places = [page.index(f">{name}</a>") for name in ("ENABLE_JOBS", NAME, "BETA_SIGNUPS_PAUSED")]
    assert places == sorted(places)


def test_turning_off_asks_why_and_does_it(cto):
    asked = text(cto.get(f"{PAGE}off/"))
    assert f"Turn {NAME} off now?" in asked
    response = cto.post(f"{PAGE}off/", {"reason": "shops block us", "end": ""}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    switch = Switch.objects.get(pk=NAME)
    assert (switch.is_on, switch.changed_by, switch.reason, switch.off_until) == (False, "Ana Souza (CTO)", "shops block us", None)
    assert f"{NAME} is off." in text(response)


def test_turning_off_needs_a_reason_and_no_fresh_sign_in(client, owner):
    sign_in(client, owner, seconds_ago=3600)
    assert (client.post(f"{PAGE}off/", {"reason": " "}).status_code, Switch.objects.get(pk=NAME).is_on) == (422, True)
    client.post(f"{PAGE}off/", {"reason": "x"})
    assert Switch.objects.get(pk=NAME).is_on is False


@pytest.mark.parametrize(
    ("values", "until"),
    [
        ({"end": "30"}, "2026-11-22T09:30"),
        ({"end": "60"}, "2026-11-22T10:00"),
        ({"end": "tomorrow"}, "2026-11-23T09:00"),
        ({"end": "time", "until": "2026-11-22T18:15"}, "2026-11-22T18:15"),
        # A time that was typed counts, whichever line is marked.
        ({"end": "", "until": "2026-11-22T18:15"}, "2026-11-22T18:15"),
        ({"end": "30", "until": "2026-11-22T18:15"}, "2026-11-22T18:15"),
    ],
)
def test_off_until_is_one_of_the_presets_or_a_time_in_the_teams_zone(client, db, values, until):
    zone = ZoneInfo("America/Sao_Paulo")
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=zone), tick=False):
        sign_in(client, make_person(role="support"))
        client.post(f"{PAGE}off/", {"reason": "x", **values})
    assert Switch.objects.get(pk=NAME).off_until == datetime.fromisoformat(until).replace(tzinfo=zone)


@pytest.mark.parametrize(
    "values", [{"end": "time"}, {"until": "2001-01-01T00:00"}, {"until": "nonsense"}, {"end": "nonsense"}, {"until": "9999-12-31T23:59"}]
)
def test_a_time_that_will_not_do_is_an_error_of_the_form(cto, values):
    assert (cto.post(f"{PAGE}off/", {"reason": "x", **values}).status_code, Switch.objects.get(pk=NAME).is_on) == (422, True)


def test_one_that_is_off_can_be_off_for_longer(cto):
    off()
    assert "It is off already. Until when?" in text(cto.get(f"{PAGE}off/"))
    assert cto.post(f"{PAGE}off/", {"reason": "x"}).status_code == 422
    assert cto.post(f"{PAGE}off/", {"reason": "one more hour", "end": "60"}).status_code == 302
    assert Switch.objects.get(pk=NAME).off_until is not None


@pytest.mark.parametrize(("who", "seconds_ago"), [("support", 0), ("owner", 3600)])
def test_who_may_not_turn_on_cannot_let_it_come_on_earlier(client, db, request, who, seconds_ago):
    sign_in(client, request.getfixturevalue(who), seconds_ago=seconds_ago)
    off(until=clock.now() + timedelta(hours=2))
    assert client.post(f"{PAGE}off/", {"reason": "x", "end": "30"}).status_code == 422
    assert Switch.objects.get(pk=NAME).off_until > clock.now() + timedelta(hours=1)
    # Longer is fine, and so is for good; from there on any end is earlier.
    assert client.post(f"{PAGE}off/", {"reason": "longer"}).status_code == 302
    assert client.post(f"{PAGE}off/", {"reason": "x", "end": "tomorrow"}).status_code == 422
    assert Switch.objects.get(pk=NAME).off_until is None


def test_turning_on_needs_a_fresh_sign_in_and_keeps_the_words(client, owner):
    off()
    sign_in(client, owner, seconds_ago=3600)
    response = client.post(f"{PAGE}on/", {"reason": "fixed"})
    assert (response.status_code, response.url.split("?")[0], Switch.objects.get(pk=NAME).is_on) == (302, reverse("account_reauthenticate"), False)


def test_turning_on_with_a_fresh_sign_in(cto):
    off()
    response = cto.post(f"{PAGE}on/", {"reason": "fixed"}, follow=True)
    assert (response.redirect_chain, Switch.objects.get(pk=NAME).is_on) == ([(PAGE, 302)], True)
    assert f"{NAME} is on." in text(response)


def test_turning_on_says_that_the_environment_still_wins(cto, monkeypatch):
    off()
    monkeypatch.setenv(NAME, "false")
    assert "turning it on here does not change that" in text(cto.get(f"{PAGE}on/"))
    page = text(cto.post(f"{PAGE}on/", {"reason": "fixed"}, follow=True))
    assert f"{NAME} is on here, but this server&#x27;s environment still forces it off." in page
    assert "Environment: off. Here: on." in page


def test_list_says_on_but_master_off(cto):
    off("ENABLE_JOBS")
    page = text(cto.get(LIST))
    assert page.count("on, master off") == Switch.objects.count() - 1
    assert Switch.objects.filter(is_on=False).count() == 1


def test_seen_is_said_only_of_the_version_that_holds(cto):
    switch = off()
    assert "nobody reads this" in text(cto.get(PAGE))
    read = seen_by(1, switch.version - 1)
    assert "not seen yet" in text(cto.get(PAGE))
    Read.objects.filter(pk=read.pk).update(version=switch.version)
    page = text(cto.get(PAGE))
    assert ("seen by the product" in page, "not seen yet" in page) == (True, False)
    seen_by(2, switch.version - 1)
    assert "not seen yet" in text(cto.get(PAGE))
    # One that has not read for a day does not read any more.
    Read.objects.filter(client_id=2).update(read_at=clock.now() - timedelta(days=2))
    assert ("seen by the product" in text(cto.get(PAGE)), "reads no more" in text(cto.get(PAGE))) == (True, True)


@pytest.mark.parametrize("told", [True, None])
def test_what_the_environment_forces_off_is_unseen_until_the_product_was_told_so(cto, monkeypatch, told):
    """The version stays where it is: another value is what tells."""
    read = seen_by(1, Switch.objects.get(pk=NAME).version, value=told)
    monkeypatch.setenv(NAME, "false")
    for address in (LIST, PAGE):
        page = text(cto.get(address))
        assert ("seen by the product" in page, "not seen yet" in page) == (False, True)
    assert "(was told another value)" in text(cto.get(LIST))
    Read.objects.filter(pk=read.pk).update(value=False)
    assert "seen by the product" in text(cto.get(PAGE))
    monkeypatch.delenv(NAME)
    assert "seen by the product" not in text(cto.get(PAGE))


def test_one_reader_of_many_that_has_not_seen_it_keeps_it_unseen(cto):
    switch = off()
    for number in range(25):
        seen_by(number, switch.version)
    seen_by(99, switch.version - 1, minutes=60)
    for address in (LIST, PAGE):
        page = text(cto.get(address))
        assert ("seen by the product" in page, "not seen yet" in page, "product 99" in page) == (False, True, True)


def test_what_is_only_read_here_has_no_buttons_and_leads_to_its_page(cto):
    stop_signups(actor=ANA, reason="105 households")
    page = text(cto.get(f"{LIST}BETA_SIGNUPS_PAUSED/"))
    assert ("105 households" in page, 'href="/ops/beta/"' in page, "paused" in page) == (True, True, True)
    assert [cto.get(f"{LIST}BETA_SIGNUPS_PAUSED/{act}/").status_code for act in ("off", "on", "words", "remove")] == [404] * 4


@pytest.mark.parametrize("name", ["ENABLE_NOTHING", "x", "%00", "'--", "x" * 200])
def test_an_unknown_switch_is_404(cto, name):
    assert [cto.get(f"{LIST}{name}/{act}").status_code for act in ("", "off/", "on/", "words/", "remove/")] == [404] * 5


def test_viewer_sees_everything_and_is_told_who_may(client, viewer):
    off()
    sign_in(client, viewer)
    for page in (text(client.get(LIST)), text(client.get(PAGE))):
        assert ("Turn off…" in page, "Turn on…" in page, "shops block us" in page) == (False, False, True)
        assert "Turning one off: Support, Catalog, Engineer, CTO. Turning one on: Engineer, CTO." in page
    assert [client.post(f"{PAGE}{act}/", {"reason": "x"}).status_code for act in ("off", "on", "words", "remove")] == [403] * 4


def test_support_turns_off_and_not_on(client, support):
    sign_in(client, support)
    assert client.post(f"{PAGE}off/", {"reason": "x"}).status_code == 302
    assert (client.post(f"{PAGE}on/", {"reason": "x"}).status_code, Switch.objects.get(pk=NAME).is_on) == (403, False)


def test_history_has_every_change_with_the_link_to_its_row(cto):
    off(until=clock.now() + timedelta(hours=2))
    actions.turn_on(actor=ANA, name=NAME, reason="fixed")
    page = text(cto.get(PAGE))
    rows = AuditLog.objects.filter(entity_type="switch", entity_id=NAME)
    assert [reverse("audit_row", args=[row.pk]) in page for row in rows] == [True, True]
    assert page.index("fixed") < page.index("shops block us · until")


def test_history_is_in_pages(cto):
    for number in range(16):
        off()
        actions.turn_on(actor=ANA, name=NAME, reason=f"again {number}")
    page = text(cto.get(PAGE))
    assert ("again 15" in page, "again 0 ·" in page, "Older" in page) == (True, False, True)
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "again 0 ·" in text(cto.get(PAGE + older))
    assert cto.get(f"{PAGE}?cursor=nonsense").status_code == 400


def test_adding_describing_and_removing(cto):
    made = cto.post(f"{LIST}add/", {"name": "ENABLE_PUSH", "description": "Push.", "owner": "Mobile"})
    assert (made.url, Switch.objects.get(pk="ENABLE_PUSH").is_on) == (f"{LIST}ENABLE_PUSH/", True)
    cto.post(f"{LIST}ENABLE_PUSH/words/", {"description": "Push messages.", "owner": ""})
    assert Switch.objects.values_list("description", "owner").get(pk="ENABLE_PUSH") == ("Push messages.", "")
    assert cto.post(f"{LIST}ENABLE_PUSH/remove/", {"reason": "unused"}).url == LIST
    assert Switch.objects.filter(pk="ENABLE_PUSH").exists() is False


@pytest.mark.parametrize("name", ["enable_x", "1X", "EN", "ENABLE-X", "", "BETA_SIGNUPS_PAUSED", NAME, "X" * 61, "ENABLE_É"])
def test_a_name_that_will_not_do_is_an_error_of_the_form(cto, name):
    before = Switch.objects.count()
    assert (cto.post(f"{LIST}add/", {"name": name, "description": "x"}).status_code, Switch.objects.count()) == (422, before)


def test_htmx_gets_the_list_alone_and_back_gets_the_page(cto):
    part = cto.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert ("<html" in part, 'id="switch-list"' in part) == (False, True)
    back = cto.get(LIST, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).content.decode()
    assert "<html" in back


def test_list_costs_the_same_for_many(cto, django_assert_max_num_queries):
    for number in range(20):
        actions.add_switch(actor=ANA, name=f"ENABLE_MORE_{number}", description="x")
        seen_by(1, 1, name=f"ENABLE_MORE_{number}")
    cto.get(LIST)
    with django_assert_max_num_queries(18):
        cto.get(LIST)

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditLog
from health.actions import create_ping_key, pause_ping
from health.actions.key import find_key
from health.models import Ping, PingKey
from opsportal import clock
from tests.factories import make_ping, make_ping_event
from tests.health.calling import call
from tests.signing_in import FRESH_SECONDS, sign_in

LIST = "/ops/health/pings"
TYPED = {"name": "Backup", "slug": "backup", "how": "every", "every_number": "2", "every_unit": "h", "cron": "", "time_zone": "", "grace_number": "10", "grace_unit": "m", "description": ""}  # fmt: skip


@pytest.fixture
def engineer(client, operator):
    return sign_in(client, operator)


def text(response):
    return " ".join(response.content.decode().split())


def busy_ping(**fields):
    """One with all that its page and its line show."""
    ping, now = make_ping(**fields), clock.now()
    for number in range(4, 0, -1):
        call(ping, "start", at=now - timedelta(minutes=number))
        call(ping, "fail" if number == 2 else "success", at=now - timedelta(minutes=number) + timedelta(seconds=20), body="said <b>this</b>")
    return ping


def test_an_empty_list_says_how_to_begin(engineer):
    page = text(engineer.get(LIST))
    assert "No ping yet" in page
    assert "curl -fsS -m 10 --retry 5 -o /dev/null http://testserver/ping/…" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(engineer, count):
    for _number in range(count):
        busy_ping()
    engineer.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        assert engineer.get(LIST).status_code == 200
    # The frame's own, and: the counts of the chips, the page, its calls.
    own = [query["sql"] for query in seen if "ping" in query["sql"]]
    assert len(own) == 4


def test_the_list_has_the_worst_on_top_and_filters(engineer):
    make_ping(name="A quiet one")
    call(make_ping(name="A broken one"), "fail", at=clock.now())
    page = text(engineer.get(LIST))
    assert page.index("A broken one") < page.index("A quiet one")
    assert "down 1" in page
    page = text(engineer.get(f"{LIST}?state=down"))
    assert ("A broken one" in page, "A quiet one" in page) == (True, False)
    assert "No ping is in this state" in text(engineer.get(f"{LIST}?state=paused"))


def test_the_navigation_counts_those_that_are_down(engineer):
    make_ping()
    make_ping(verdict="up", deadline=clock.now() - timedelta(hours=1))
    assert 'Health<span class="count"><span class="vh">, waiting for a person: </span>1</span>' in text(engineer.get("/ops/audit/"))


def test_only_who_may_manage_sees_addresses(client, engineer, viewer):
    ping = busy_ping()
    assert str(ping.uuid) in text(engineer.get(LIST))
    assert str(ping.uuid) in text(engineer.get(f"{LIST}/{ping.pk}"))
    sign_in(client, viewer)
    assert [str(ping.uuid) in text(client.get(path)) for path in (LIST, f"{LIST}/{ping.pk}")] == [False, False]
    assert "Engineers and the CTO see its address" in text(client.get(f"{LIST}/{ping.pk}"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_pings_page_takes_the_same_queries_for_any_number_of_calls(engineer, count):
    ping = make_ping(slug="backup")
    for _number in range(count):
        make_ping_event(ping, body="x")
    engineer.get(f"{LIST}/{ping.pk}")
    with CaptureQueriesContext(connection) as seen:
        assert engineer.get(f"{LIST}/{ping.pk}").status_code == 200
    own = [query["sql"] for query in seen if "ping" in query["sql"]]
    # How many are down (navigation), the ping, its calls, durations, another of its slug, its flips.
    assert len(own) == 6


def test_a_pings_page_shows_bodies_as_text_and_not_all_of_a_long_one(engineer):
    ping = make_ping()
    event = make_ping_event(ping, body="<script>alert(1)</script>" + "y" * 5000, body_bytes=12345, is_cut=True)
    page = text(engineer.get(f"{LIST}/{ping.pk}"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert ("y" * 375 in page, "y" * 500 in page, "12345" in page.replace(",", "")) == (True, False, True)
    whole = text(engineer.get(reverse("health_ping_event", args=[ping.pk, event.pk])))
    assert ("y" * 5000 in whole, "<script>alert(1)" in whole) == (True, False)
    assert engineer.get(reverse("health_ping_event", args=[make_ping().pk, event.pk])).status_code == 404


def test_a_ping_is_added_by_a_form(engineer):
    response = engineer.post(f"{LIST}/new", TYPED)
    ping = Ping.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"{LIST}/{ping.pk}")
    assert (ping.name, ping.every, ping.grace, ping.cron) == ("Backup", timedelta(hours=2), timedelta(minutes=10), "")
    assert "How to ping it" in text(engineer.get(response["Location"]))


def test_only_the_chosen_schedule_counts(engineer):
    engineer.post(f"{LIST}/new", TYPED | {"how": "cron", "cron": "0 3 * * *", "time_zone": "UTC"})
    ping = Ping.objects.get()
    assert (ping.every, ping.cron, ping.time_zone) == (None, "0 3 * * *", "UTC")
    engineer.post(f"{LIST}/{ping.pk}/edit", TYPED | {"how": "every", "cron": "0 3 * * *", "time_zone": "UTC"})
    ping.refresh_from_db()
    assert (ping.every, ping.cron, ping.time_zone) == (timedelta(hours=2), "", "")
    assert list(AuditLog.objects.order_by("pk").values_list("action_type", flat=True)) == ["CREATE_PING", "CHANGE_PING"]


def test_a_refused_form_keeps_what_was_typed(engineer):
    response = engineer.post(f"{LIST}/new", TYPED | {"how": "cron", "cron": "0 99 * * *", "slug": "Big"})
    page = text(response)
    assert (response.status_code, Ping.objects.count()) == (422, 0)
    assert ('value="0 99 * * *"' in page, 'value="Big"' in page) == (True, True)
    assert engineer.post(f"{LIST}/new", TYPED | {"grace_number": ""}).status_code == 422


def test_the_next_times_are_shown_before_anything_is_saved(engineer):
    typed = TYPED | {"how": "cron", "cron": "0 3 * * *", "preview": "1"}
    response = engineer.post(f"{LIST}/new", typed)
    assert (response.status_code, Ping.objects.count(), text(response).count("<li><time")) == (200, 0, 3)
    fragment = text(engineer.get(f"{LIST}/preview", {"cron": "0 3 * * *"}, headers={"hx-request": "true"}))
    assert (fragment.count("<li><time"), "<html" in fragment, fragment.count(", 03:00:00")) == (3, False, 3)
    assert "no cron expression: Bad hour" in text(engineer.get(f"{LIST}/preview", {"cron": "0 99 * * *"}))
    assert "<li>" not in text(engineer.get(f"{LIST}/preview"))


def test_pause_resume_and_delete(engineer, operator):
    ping = make_ping(name="Backup")
    assert engineer.post(f"{LIST}/{ping.pk}/pause", {"reason": ""}).status_code == 422
    assert engineer.post(f"{LIST}/{ping.pk}/pause", {"reason": "moved"}).status_code == 302
    assert "Paused by Diego Rocha (Engineer): moved" in text(engineer.get(f"{LIST}/{ping.pk}"))
    assert engineer.post(f"{LIST}/{ping.pk}/resume").status_code == 302
    ping.refresh_from_db()
    assert ping.paused_at is None
    assert "Delete Backup" in text(engineer.get(f"{LIST}/{ping.pk}/delete"))
    assert engineer.post(f"{LIST}/{ping.pk}/delete", {"reason": "gone"})["Location"] == LIST
    assert Ping.objects.count() == 0


def test_what_was_done_already_is_said_and_not_done_twice(engineer, operator):
    ping = make_ping()
    pause_ping(actor=operator.actor, ping_id=ping.pk, reason="moved")
    assert "is paused already" in text(engineer.post(f"{LIST}/{ping.pk}/pause", {"reason": "again"}))
    engineer.post(f"{LIST}/{ping.pk}/resume")
    assert "is not paused" in text(engineer.post(f"{LIST}/{ping.pk}/resume", follow=True))


def test_two_with_one_slug_are_warned_of(engineer):
    ping = make_ping(slug="twin")
    assert "refused as ambiguous" not in text(engineer.get(f"{LIST}/{ping.pk}"))
    make_ping(slug="twin")
    assert "refused as ambiguous" in text(engineer.get(f"{LIST}/{ping.pk}"))


def test_a_key_is_shown_once_and_two_are_live_during_a_change(engineer):
    response = engineer.post("/ops/health/ping-keys/new")
    key = PingKey.objects.get()
    raw = next(word for word in response.content.decode().replace("<", " ").replace(">", " ").split() if word.startswith(f"{key.prefix}_"))
    assert (response.status_code, find_key(raw), "no-store" in response["Cache-Control"]) == (200, key, True)
    assert raw not in text(engineer.get("/ops/health/ping-keys"))
    engineer.post("/ops/health/ping-keys/new")
    assert "Two ping keys are live" in text(engineer.post("/ops/health/ping-keys/new", follow=True))
    assert engineer.post(f"/ops/health/ping-keys/{key.pk}/revoke", {"reason": "changed over"}).status_code == 302
    assert find_key(raw) is None


def test_keys_need_a_fresh_sign_in(client, operator):
    made = create_ping_key(actor=operator.actor)
    sign_in(client, operator, seconds_ago=FRESH_SECONDS + 60)
    for path in ("/ops/health/ping-keys/new", f"/ops/health/ping-keys/{made.key.pk}/revoke"):
        response = client.post(path, {"reason": "x"})
        assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert (PingKey.objects.count(), find_key(made.raw)) == (1, made.key)

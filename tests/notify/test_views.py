import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.actors import Actor
from audit.models import AuditLog
from notify import actions
from notify.models import Destination, Message
from opsportal import clock
from tests.factories import make_destination, make_message
from tests.signing_in import sign_in


def text(response):
    return " ".join(response.content.decode().split())


def dead(**fields):
    return make_message(**{"state": "dead", "finished_at": clock.now(), "attempts": 1, "error": "It answered 422."} | fields)


@pytest.fixture
def cto(client, owner):
    return sign_in(client, owner)


@pytest.fixture
def duty(client, support):
    return sign_in(client, support)


def topics(response):
    return [message.topic for message in response.context["page"].rows]


def test_empty_outbox_says_what_to_do(cto):
    page = text(cto.get(reverse("notify")))
    assert ("Nothing was owed yet" in page, "Try the dead ones again" in page) == (True, False)
    assert "No message matches" in text(cto.get(reverse("notify"), {"topic": "x"}))


@pytest.mark.parametrize("name", ["notify", "notify_destinations"])
def test_list_costs_the_same_for_one_and_many(cto, django_assert_num_queries, name):
    dead()
    cto.get(reverse(name))
    with CaptureQueriesContext(connection) as one:
        cto.get(reverse(name))
    for _ in range(2):
        dead()
    with django_assert_num_queries(len(one)):
        assert len(cto.get(reverse(name)).context["page"].rows) == 3


def test_list_is_narrowed_by_state_channel_destination_and_topic(cto):
    product = make_destination(name="product")
    make_message(destination=product, topic="plan")
    dead(destination=product, topic="offer")
    make_message(state="sent", finished_at=clock.now(), channel="email", address="a@example.com", topic="mail")
    for filters, expected in (
        ({}, ["mail", "offer", "plan"]), ({"state": "dead"}, ["offer"]), ({"state": "waiting"}, ["plan"]), ({"channel": "email"}, ["mail"]),
        ({"destination": "product"}, ["offer", "plan"]), ({"destination": "product", "state": "waiting", "topic": "plan"}, ["plan"]),
        ({"topic": "nothing"}, []), ({"state": "nonsense"}, ["mail", "offer", "plan"]),
    ):  # fmt: skip
        assert topics(cto.get(reverse("notify"), filters)) == expected, filters


def test_list_is_searched_by_key_and_id(cto):
    one, _other = make_message(key="plan-17", topic="one"), make_message(key="plan-99", topic="other")
    for q in ("plan-1", "plan-17", str(one.pk)):
        assert topics(cto.get(reverse("notify"), {"q": q})) == ["one"]
    assert topics(cto.get(reverse("notify"), {"q": "lan-17"})) == []
    assert [hit.url for hit in cto.get(reverse("search"), {"q": "plan-17"}).context["hits"]] == [reverse("notify_message", args=[one.pk])]


def test_figures_say_what_waits_how_long_and_what_is_dead(cto):
    make_message(created_at=clock.now() - timedelta(minutes=20))
    dead()
    page = text(cto.get(reverse("notify")))
    assert ("late after 15 min" in page, "for a person" in page) == (True, True)
    tiles = cto.get(reverse("notify")).context["tiles"]
    assert [(tile.figure, tile.tone) for tile in tiles] == [("1", "ok"), ("20", "warn"), ("1", "fail")]


def test_navigation_and_today_tell_of_dead_ones_only(cto):
    make_message()
    assert "get through" not in text(cto.get(reverse("today")))
    dead()
    page = text(cto.get(reverse("today")))
    assert "1 message did not get through" in page
    lines = [item for group in cto.get(reverse("today")).context["frame"].navigation for item in group["items"]]
    assert [line["count"] for line in lines if line["url"] == "/ops/notify/"] == [1]


def test_message_page_shows_text_without_secrets_and_every_try(cto, place, receiver):
    receiver.answers(422, body=b'<b>no</b> {"token": "abcdef"}')
    message = make_message(destination=place, key="plan-7", body=json.dumps({"plan": "pro", "api_key": "sk_live_1", "nested": {"password": "p"}}))
    actions.deliver_message(message_id=message.pk)
    page = text(cto.get(reverse("notify_message", args=[message.pk])))
    for words in (
        "plan-7",
        "&quot;plan&quot;: &quot;pro&quot;",
        "No. 1 failed",
        "It answered 422. It would say the same again",
        "&lt;b&gt;no&lt;/b&gt;",
    ):
        assert words in page
    for secret in ("sk_live_1", "abcdef", "&quot;p&quot;"):
        assert secret not in page


def test_waiting_message_says_when_it_is_tried_and_refreshes_itself(cto):
    message = make_message(next_at=clock.now() + timedelta(minutes=30))
    assert 'hx-trigger="every 4s"' in text(cto.get(reverse("notify_message", args=[message.pk])))
    make = {"due now": {"next_at": clock.now()}, "under way": {"claimed_until": clock.now() + timedelta(seconds=60)}}
    for words, fields in make.items():
        Message.objects.filter(pk=message.pk).update(**fields)
        assert words in text(cto.get(reverse("notify_message", args=[message.pk])))
    Destination.objects.update(is_on=False)
    assert "is turned off" in text(cto.get(reverse("notify_message", args=[message.pk])))


def test_try_that_ended_with_its_worker_is_said(cto):
    message = make_message(attempts=1, claimed_until=clock.now() + timedelta(seconds=60))
    message.tries.create(number=1, began_at=clock.now())
    assert "No. 1 is under way" in text(cto.get(reverse("notify_message", args=[message.pk])))
    Message.objects.update(claimed_until=clock.now() - timedelta(hours=1))
    assert "No. 1 ended with its worker" in text(cto.get(reverse("notify_message", args=[message.pk])))


def test_dead_message_is_tried_again_by_whoever_is_on_duty(duty, support):
    message = dead()
    response = duty.post(reverse("notify_retry", args=[message.pk]), follow=True)
    assert "It is being tried again now." in text(response)
    message.refresh_from_db()
    assert (message.state, AuditLog.objects.latest("id").actor_id) == ("waiting", str(support.pk))
    Message.objects.update(state="sent", finished_at=clock.now())
    assert "was sent already" in text(duty.post(reverse("notify_retry", args=[message.pk]), follow=True))


def test_message_is_set_aside_with_a_reason(duty):
    message = dead()
    url = reverse("notify_set_aside", args=[message.pk])
    assert duty.get(url).status_code == 200
    assert duty.post(url, {"reason": ""}).status_code == 422
    assert "The message is set aside" in text(duty.post(url, {"reason": "too late"}, follow=True))
    response = duty.post(url, {"reason": "again"})
    assert (response.status_code, "set aside already" in text(response)) == (422, True)


def test_dead_ones_are_tried_again_together_as_filtered(duty):
    dead(topic="plan")
    dead(topic="offer")
    asked = text(duty.get(reverse("notify_retry_all"), {"topic": "plan", "state": "dead"}))
    assert ("1 message is tried again now" in asked, "Topic: plan" in asked) == (True, True)
    assert "1 message is being tried again." in text(duty.post(f"{reverse('notify_retry_all')}?topic=plan", follow=True))
    assert Message.objects.get(state="dead").topic == "offer"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("destination=place-gone", "destination=place-gone"), ("channel=pigeon", "channel=pigeon"), ("topic=pl%00an", "topic=pl�an"),
        ("topic=plan&state=waiting", "state=waiting"), ("topics=plan", "topics=plan"), ("topic=plan&q=key-1", "q=key-1"),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_an_error_and_never_means_all(duty, query, named):
    dead(topic="plan")
    address = f"{reverse('notify_retry_all')}?{query}"
    for response in (duty.get(address, follow=True), duty.post(address, follow=True)):
        assert f"Nothing is tried again: the filter “{named}” makes no sense here." in text(response)
    assert (Message.objects.get().state, AuditLog.objects.count()) == ("dead", 0)


def test_viewer_sees_and_may_do_nothing(client, viewer):
    message, place = dead(), make_destination(address="https://example.com/hook?key=abc")
    sign_in(client, viewer)
    page = text(client.get(reverse("notify_message", args=[message.pk])))
    assert ("Try again" in page, "Set aside" in page) == (False, False)
    page = text(client.get(reverse("notify_destination", args=[place.pk])))
    assert ("https://example.com/hook" in page, "abc" in page, "Change the address" in page, "Send a test" in page) == (True, False, False, False)


def test_destination_is_added_and_its_secret_shown_once(cto):
    assert cto.get(reverse("notify_create_destination")).status_code == 200
    wrong = cto.post(reverse("notify_create_destination"), {"name": "product", "channel": "webhook", "address": "nowhere"})
    assert (wrong.status_code, "A web address begins with" in text(wrong)) == (422, True)
    made = cto.post(reverse("notify_create_destination"), {"name": "product", "channel": "webhook", "address": "https://example.com/x"})
    assert ("shown once" in text(made), made.headers["Cache-Control"]) == (True, "max-age=0, no-cache, no-store, must-revalidate, private")
    place = Destination.objects.get()
    page = text(cto.get(reverse("notify_destination", args=[place.pk])))
    assert ("whsec_" in page, place.secrets.get().fingerprint in page) == (False, True)


def test_mailbox_is_added_without_a_secret(cto):
    made = cto.post(reverse("notify_create_destination"), {"name": "duty", "channel": "email", "address": "a@example.com"}, follow=True)
    assert ("Signing secrets" in text(made), made.redirect_chain[-1][0]) == (
        False,
        reverse("notify_destination", args=[Destination.objects.get().pk]),
    )


def test_what_changes_a_destination_asks_for_a_fresh_sign_in(client, owner):
    place = make_destination()
    sign_in(client, owner, seconds_ago=3600)
    fresh = [("notify_create_destination", ()), ("notify_end_secret", (place.pk, place.secrets.get().fingerprint))]
    fresh += [(name, (place.pk,)) for name in ("notify_change_address", "notify_rotate", "notify_turn_on")]
    for name, args in fresh:
        answer = client.post(reverse(name, args=args), {"reason": "x"})
        assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_reauthenticate")), name
    assert AuditLog.objects.count() == 0


def test_secret_is_rotated_and_the_first_one_ended(cto):
    place = make_destination()
    old = place.secrets.get().fingerprint
    assert cto.post(reverse("notify_rotate", args=[place.pk]), {"overlap_hours": 0}).status_code == 422
    assert "whsec_" in text(cto.post(reverse("notify_rotate", args=[place.pk]), {"overlap_hours": 24}))
    response = cto.post(reverse("notify_rotate", args=[place.pk]), {"overlap_hours": 24})
    assert (response.status_code, "Two secrets are live" in text(response)) == (422, True)
    url = reverse("notify_end_secret", args=[place.pk, old])
    assert old in text(cto.get(url))
    assert "signs nothing any more" in text(cto.post(url, {"reason": "done"}, follow=True))
    assert cto.get(reverse("notify_end_secret", args=[place.pk, "nothing"])).status_code == 404


def test_destination_is_moved_turned_off_and_on(cto):
    place = make_destination(name="product")
    assert "new address" in text(cto.post(reverse("notify_change_address", args=[place.pk]), {"address": "https://new.example/"}, follow=True))
    assert cto.post(reverse("notify_change_address", args=[place.pk]), {"address": "x"}).status_code == 422
    assert "Its messages wait" in text(cto.post(reverse("notify_turn_off", args=[place.pk]), {"reason": "moving"}, follow=True))
    assert "off already" in text(cto.post(reverse("notify_turn_off", args=[place.pk]), {"reason": "moving"}))
    assert "only wait" in text(cto.post(reverse("notify_test", args=[place.pk]), follow=True))
    assert "gets its messages again" in text(cto.post(reverse("notify_turn_on", args=[place.pk]), follow=True))
    assert "It is on already" in text(cto.post(reverse("notify_turn_on", args=[place.pk]), follow=True))


def test_test_leads_to_its_message(cto):
    place = make_destination(channel="email", address="a@example.com")
    page = cto.post(reverse("notify_test", args=[place.pk]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("notify_message", args=[Message.objects.get().pk])
    actions.deliver_due()
    assert len(mail.outbox) == 1


def test_destinations_are_listed(cto):
    assert "No destination yet" in text(cto.get(reverse("notify_destinations")))
    make_destination(name="product")
    make_destination(name="duty", channel="email", address="a@example.com", is_on=False)
    assert [place.name for place in cto.get(reverse("notify_destinations")).context["page"].rows] == ["duty", "product"]


def test_audit_rows_lead_to_what_they_are_about(cto):
    place = make_destination(name="product")
    actions.send_test(actor=Actor.cli(), destination_id=place.pk)
    actions.set_message_aside(actor=Actor.cli(), message_id=Message.objects.get().pk, reason="x")
    page = text(cto.get(reverse("audit_row", args=[AuditLog.objects.latest("id").pk])))
    assert reverse("notify_message", args=[Message.objects.get().pk]) in page


def test_status_for_programs_counts(client, db):
    make_message(created_at=clock.now() - timedelta(seconds=90))
    dead()
    found = client.get(reverse("api_status")).json()["outbox"]
    assert (found["waiting"], found["dead"], found["oldest_wait_seconds"] >= 90) == (1, 1, True)


def test_command_says_how_it_stands(db, capsys):
    call_command("outbox")
    assert capsys.readouterr().out == "0 waiting; 0 dead.\n"
    message = dead(topic="plan", destination=make_destination(name="product"))
    make_message(created_at=clock.now() - timedelta(minutes=75, seconds=1))
    call_command("outbox")
    assert capsys.readouterr().out == f"1 waiting, the oldest for 1 h 15 min; 1 dead.\n  {message.pk}  plan to product: It answered 422.\n"
    call_command("outbox", "--json")
    facts = json.loads(capsys.readouterr().out)
    assert (facts["waiting"], facts["dead"], facts["newest_dead"][0]["key"]) == (1, 1, message.key)

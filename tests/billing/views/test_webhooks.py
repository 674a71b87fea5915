"""The pages of webhooks: what they say, to whom, and at what cost."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import AuditLog
from billing.models import SignatureCount, SignatureFailure, WebhookEvent
from billing.processing.acted_on import TABLE
from opsportal import clock
from tests.billing.factories import make_checkout, make_event
from tests.signing_in import sign_in

pytestmark = pytest.mark.django_db
LIST = "billing_webhooks"


@pytest.fixture
def desk(client, support):
    return sign_in(client, support)


def came(**fields) -> WebhookEvent:
    event = make_event(**fields)
    moved = {name: fields[name] for name in ("received_at", "processed_at") if name in fields}
    WebhookEvent.objects.filter(pk=event.pk).update(**moved)
    return event


def test_an_empty_portal_knows_nothing_and_says_so(desk):
    page = desk.get(reverse(LIST)).content.decode()
    assert page.count("no data") == 16
    assert "No event yet" in page
    assert "No webhook secret is set for Stripe" in page


def test_the_list_shows_what_became_of_each_event(desk, django_assert_max_num_queries):
    for _number in range(3):
        came(state="done", effect="granted", effect_facts={"plan": "Pro", "until": "2026-12-21T12:00:00+00:00"}, checkout=make_checkout())
    with django_assert_max_num_queries(40):
        page = desk.get(reverse(LIST)).content.decode()
    assert page.count("Plan Pro granted until 21 Dec") == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "person"}, ["evt_person"]), ({"state": "owed"}, ["evt_new"]), ({"effect": "without"}, ["evt_nobody"]),
        ({"effect": "none"}, ["evt_type", "evt_nobody"]), ({"provider": "mercadopago"}, ["evt_type"]), ({"type": "payment.created"}, ["evt_type"]),
        ({"q": "evt_person"}, ["evt_person"]), ({"q": "pi_77"}, ["evt_nobody"]), ({"q": "evt_"}, []),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(desk, query, found):
    came(event_id="evt_new")
    came(event_id="evt_person", state="person")
    came(event_id="evt_nobody", object_id="pi_77", state="done", effect="none", effect_reason="no_customer")
    came(event_id="evt_type", provider="mercadopago", event_type="payment.created", state="done", effect="none", effect_reason="not_acted_on")
    shown = desk.get(reverse(LIST), query).context["page"].rows
    assert [event.event_id for event in shown] == found


def test_filters_without_an_index_look_back_only_so_far(desk, monkeypatch):
    monkeypatch.setattr("billing.queries.event.LOOKED_THROUGH", 2)
    now = clock.now()
    for number in range(4):
        came(event_id=f"evt_{number}", event_type="a" if number == 0 else "b", received_at=now - timedelta(hours=9 - number))
    answer = desk.get(reverse(LIST), {"type": "a"})
    assert (list(answer.context["page"].rows), answer.context["since"]) == ([], now - timedelta(hours=8))
    assert "Look further back" in answer.content.decode()
    older = desk.get(reverse(LIST), {"type": "a", "before": (now - timedelta(hours=8)).isoformat()})
    assert [event.event_id for event in older.context["page"].rows] == ["evt_0"]


def test_figures_count_what_came_what_was_refused_and_what_never_came(desk):
    now = clock.now()
    came(state="done", effect="granted", processed_at=now + timedelta(seconds=2), received_at=now, answer_ms=4)
    came(state="waiting", received_at=now)
    came(state="done", effect="already", source="asked", received_at=now)
    came(state="done", effect="none", effect_reason="no_customer", received_at=now - timedelta(days=3))
    hour = now.replace(minute=0, second=0, microsecond=0)
    SignatureCount.objects.create(provider="stripe", hour=hour, reason="mismatch", times=2, last_at=now)
    SignatureCount.objects.create(provider="stripe", hour=hour - timedelta(days=6), reason="missing", times=5, last_at=now - timedelta(days=6))
    panel = desk.get(reverse(LIST)).context["panels"][0]
    figures = panel.figures.windows
    assert {name: (one.kept, one.refused, one.missed, one.known) for name, one in figures.items() if name != "program"} == {
        "hour": (2, 2, 1, 2), "day": (2, 2, 1, 2), "week": (3, 7, 1, 3),
    }  # fmt: skip
    assert (figures["day"].delivered_percent, round(figures["day"].known_percent, 1)) == (40.0, 66.7)
    assert (figures["week"].without_effect, figures["day"].latency, figures["day"].answers) == (1, (2.0, 2.0), (4.0, 4.0))
    assert [(line.delivered.tone, line.known.tone) for line in panel.lines][:2] == [("fail", "fail"), ("fail", "fail")]
    assert panel.figures.refusals.by_reason == {"mismatch": 2}


def test_a_share_is_never_rounded_up_to_a_hundred():
    from billing.webhook_drawing import _cell

    assert [_cell(percent, "").figure for percent in (100.0, 99.99, 98.96)] == ["100 %", "99.9 %", "98.9 %"]


def test_an_event_shows_its_body_without_secrets(desk):
    body = {"data": {"object": {"client_secret": "pi_1_secret_abc", "email": "ana@example.com"}}, "html": "<b>"}
    event = came(body=json.dumps(body).encode(), headers={"stripe-signature": "t=1,v1=abc", "user-agent": "Stripe/1.0"}, note="")
    page = desk.get(reverse("billing_event", args=[event.pk])).content.decode()
    assert "ana@example.com" in page
    assert [word in page for word in ("pi_1_secret_abc", "v1=abc", "<b>&quot;", "Stripe/1.0")] == [False, False, False, True]


@pytest.mark.parametrize("body", [b"", b"\xff\x00no json", b"[" * 5000])
def test_an_event_with_any_body_can_be_read(desk, body):
    assert desk.get(reverse("billing_event", args=[came(body=body).pk])).status_code == 200


def test_an_event_can_be_processed_again_from_its_page(desk):
    event = came(state="done", effect="none", effect_reason="no_customer")
    answer = desk.post(reverse("billing_event_replay", args=[event.pk]), follow=True)
    assert "It is being processed again now." in answer.content.decode()
    assert (WebhookEvent.objects.get().state, AuditLog.objects.filter(action_type="REPLAY_EVENT").count()) == ("received", 1)


def test_an_event_is_handled_with_a_note_or_the_form_says_what_is_missing(desk):
    event = came(state="person")
    url = reverse("billing_event_handle", args=[event.pk])
    assert desk.post(url, {"note": ""}).status_code == 422
    desk.post(url, {"note": "refunded by hand"})
    assert WebhookEvent.objects.get().state == "handled"


def test_those_that_are_shown_are_processed_again_at_once(desk):
    wanted, other = came(state="person"), came(state="done")
    url = reverse("billing_webhook_replay_many")
    asked = desk.get(f"{url}?state=person")
    assert (asked.context["count"], asked.context["chosen"]) == (1, [("State", "needs a person")])
    desk.post(f"{url}?state=person", {"reason": "the token is right now"})
    assert list(WebhookEvent.objects.order_by("pk").values_list("pk", "state")) == [(wanted.pk, "received"), (other.pk, "done")]
    assert AuditLog.objects.get(action_type="REPLAY_EVENT").changes["numbers"] == [None, [wanted.pk]]


@pytest.mark.parametrize("query", ["", "?state=nonsense", "?before=nonsense"])
def test_a_filter_that_makes_no_sense_processes_nothing(desk, query):
    came(state="person")
    desk.post(reverse("billing_webhook_replay_many") + query, {"reason": ""})
    assert WebhookEvent.objects.get().state == "person"


def test_a_viewer_sees_and_cannot_act(client, viewer):
    sign_in(client, viewer)
    event = came(state="person")
    page = client.get(reverse("billing_event", args=[event.pk])).content.decode()
    assert ("Process again" in page, "Mark as handled" in page) == (False, False)
    assert client.post(reverse("billing_event_replay", args=[event.pk])).status_code == 403


def test_refused_deliveries_can_be_opened(desk):
    kept = SignatureFailure.objects.create(
        provider="stripe", reason="mismatch", body=b'{"id": "evt_1"}', headers={"user-agent": "curl/8"}, ip="203.0.113.7"
    )
    assert "Another secret, or changed" in desk.get(reverse("billing_webhook_refused")).content.decode()
    page = desk.get(reverse("billing_webhook_refused_one", args=[kept.pk])).content.decode()
    assert ("evt_1" in page, "203.0.113.7" in page) == (True, True)


def test_every_effect_stands_on_its_page(desk):
    page = desk.get(reverse("billing_effects")).content.decode()
    assert [line.event_type for line in TABLE if line.event_type not in page] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"state": "waiting", "error_code": "not_found"}, "2; a person is asked after 4"),
        ({"state": "waiting", "error_code": "down"}, "2; a person is asked after 7"),
        ({"state": "person", "error_code": "not_found"}, "<dd>2</dd>"),
    ],
)
def test_an_event_says_after_how_many_tries_a_person_is_asked(desk, fields, said):
    event = came(attempts=2, **fields)
    assert desk.get(reverse("billing_event", args=[event.pk])).content.decode().count(said) == 1

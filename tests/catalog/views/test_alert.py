from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from audit.models import AuditLog
from catalog.models import Alert, AlertEvent
from opsportal import clock
from tests.factories import make_alert, make_message, make_offer
from tests.signing_in import sign_in

LIST = "/ops/feed/alerts/"


@pytest.fixture
def desk(client: Client, support: Person) -> Client:
    return sign_in(client, support)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def fired(state: str | None = "sent", **fields: Any) -> Alert:
    """An alert with one event, and its message in that state; None: it has none."""
    offer = make_offer(price=8_000)
    alert = make_alert(product=offer.product, crossings=1, fired_at=clock.now(), is_below=True, **fields)
    over = {} if state == "waiting" else {"finished_at": clock.now()}
    message_id = make_message(state=state, **over).pk if state else None
    AlertEvent.objects.create(alert=alert, crossing=1, offer=offer, price=8_000, message_id=message_id)
    return alert


def names(page: str, alerts: list[Alert]) -> list[bool]:
    return [str(alert.pk) in page for alert in alerts]


def test_an_empty_list_says_where_alerts_come_from(desk: Client) -> None:
    page = text(desk.get(LIST))
    assert "No price alert yet" in page
    assert 'href="/ops/notify/destinations/"' in page


@pytest.mark.parametrize(
    ("state", "word"),
    [("sent", "sent"), ("waiting", "waiting"), ("dead", "failed"), ("aside", "set aside"), (None, "not sent: no destination “push”")],
)
def test_the_list_says_what_became_of_what_was_fired(desk: Client, state: str | None, word: str) -> None:
    alert = fired(state)
    for path in (LIST, reverse("alert", args=[alert.pk])):
        page = text(desk.get(path))
        assert f"</svg>{word}</span>" in page
        assert ("Try again…" in page) == (state in ("dead", "aside"))


def test_a_failed_one_leads_to_its_message(desk: Client) -> None:
    fired("dead")
    message_id = AlertEvent.objects.get().message_id
    assert reverse("notify_message", args=[message_id]) in text(desk.get(LIST))


def test_a_message_that_is_removed_after_its_time_was_finished(desk: Client) -> None:
    fired("sent")
    AlertEvent.objects.update(message_id="00000000-0000-0000-0000-000000000000")
    assert "finished, removed after 30 days" in text(desk.get(LIST))


def test_the_list_is_filtered(desk: Client) -> None:
    sent, dead, owed, mail, paused = fired("sent"), fired("dead"), fired(None), fired("sent", channel="email"), make_alert(status="paused")
    alerts = [sent, dead, owed, mail, paused]
    assert names(text(desk.get(LIST)), alerts) == [True] * 5
    assert names(text(desk.get(f"{LIST}?undelivered=1")), alerts) == [False, True, True, False, False]
    assert names(text(desk.get(f"{LIST}?channel=email")), alerts) == [False, False, False, True, False]
    assert names(text(desk.get(f"{LIST}?status=paused")), alerts) == [False, False, False, False, True]
    assert names(text(desk.get(f"{LIST}?q={sent.product.name}")), alerts)[0] is True
    assert "No price alert matches" in text(desk.get(f"{LIST}?status=ended"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(desk: Client, count: int, django_assert_max_num_queries: Any) -> None:
    for _number in range(count):
        fired("sent")
    desk.get(LIST)
    with django_assert_max_num_queries(28):
        assert desk.get(LIST).status_code == 200


def test_an_alert_is_paused_resumed_and_ended_with_a_reason(desk: Client) -> None:
    alert = make_alert()
    found = []
    for name in ("alert_pause", "alert_resume", "alert_end"):
        url = reverse(name, args=[alert.pk])
        assert desk.get(url).status_code == 200
        assert desk.post(url, {"reason": "asked"}).headers["Location"] == reverse("alert", args=[alert.pk])
        found.append(Alert.objects.get().status)
    assert found == ["paused", "active", "ended"]
    assert AuditLog.objects.filter(action_type="UPSERT_ALERT", reason="asked").count() == 3
    assert desk.post(reverse("alert_pause", args=[alert.pk])).status_code == 422


def test_the_page_says_the_line_and_the_best_price_now(desk: Client) -> None:
    alert = fired("sent")
    page = text(desk.get(reverse("alert", args=[alert.pk])))
    assert "wants to hear at R$90.00 or less." in page
    assert "R$80.00" in page
    assert "under the line: told" in page


def test_a_viewer_sees_without_buttons(client: Client, viewer: Person) -> None:
    alert = fired("dead")
    sign_in(client, viewer)
    page = text(client.get(LIST)) + text(client.get(reverse("alert", args=[alert.pk])))
    assert [word for word in ("Pause…", "End…", "Try again…") if word in page] == []

"""What a provider gets for what it sends, and what is kept of it."""

import json
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection

from billing.intake import unsigned
from billing.models import SignatureCount, SignatureFailure, WebhookEvent
from tests.billing.sending import MERCADOPAGO, STRIPE, mercadopago_event, send_mercadopago, send_stripe, stripe_event, stripe_signature

pytestmark = pytest.mark.django_db


def counts() -> dict[tuple[str, str], int]:
    return {(one.provider, one.reason): one.times for one in SignatureCount.objects.all()}


def test_a_signed_event_is_kept_as_it_came(client, django_assert_num_queries):
    raw = stripe_event()
    with django_assert_num_queries(1):
        answer = send_stripe(client, raw)
    assert (answer.status_code, answer.json(), answer["Content-Type"]) == (200, {"received": True}, "application/json")
    event = WebhookEvent.objects.get()
    assert (event.provider, event.event_id, event.event_type, event.object_id) == ("stripe", "evt_1", "payment_intent.succeeded", "pi_1")
    assert (bytes(event.body), event.query, event.live_mode, event.signed_by) == (raw, "", False, "current")
    assert sorted(event.headers) == ["content-type", "stripe-signature", "user-agent"]
    assert (event.provider_created_at, event.source) == (datetime.fromtimestamp(1_790_000_000, UTC), "webhook")
    assert (event.state, event.attempts, event.effect, event.answer_ms) == ("received", 0, "", None)


def test_the_same_event_again_is_answered_without_work(client, django_assert_num_queries):
    send_stripe(client, stripe_event())
    before = WebhookEvent.objects.values().get()
    with django_assert_num_queries(1):
        answer = send_stripe(client, stripe_event())
    assert (answer.status_code, answer.json()) == (200, {"received": True, "duplicate": True})
    assert WebhookEvent.objects.values().get() == before


def test_the_secret_of_before_still_counts(client):
    raw = stripe_event()
    assert send_stripe(client, raw, **{"Stripe-Signature": stripe_signature(raw, secret="whsec_previous")}).status_code == 200
    assert WebhookEvent.objects.get().signed_by == "previous"


@pytest.mark.parametrize(
    ("signature", "reason"),
    [("", "missing"), ("nonsense", "malformed"), ("wrong", "mismatch"), ("old", "too_old"), ("t=1,v1=é", "malformed")],
)
def test_a_bad_signature_is_401_counted_and_kept(client, signature, reason):
    raw = stripe_event()
    said = {"wrong": stripe_signature(raw, secret="whsec_other"), "old": stripe_signature(raw, at=1_600_000_000)}.get(signature, signature)
    answer = send_stripe(client, raw, **{"Stripe-Signature": said})
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert (answer.json()["code"], answer.json()["reason"]) == ("bad_signature", reason)
    assert counts() == {("stripe", reason): 1}
    kept = SignatureFailure.objects.get()
    assert (kept.provider, kept.reason, bytes(kept.body), kept.ip) == ("stripe", reason, raw, "127.0.0.1")
    assert kept.headers.get("stripe-signature", "") == said
    assert WebhookEvent.objects.count() == 0


def test_no_secret_is_503_so_that_it_comes_again(client, settings):
    settings.STRIPE_WEBHOOK_SECRET = settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = ""
    answer = send_stripe(client, stripe_event())
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "no_secret", "60")
    assert counts() == {("stripe", "no_secret"): 1}


@pytest.mark.parametrize("raw", [b"", b"[1]", b"{", b"\xff", b'{"id": "evt_1"}', b"[" * 5000])
def test_what_is_signed_but_no_event_is_400(client, raw):
    answer = send_stripe(client, raw)
    assert (answer.status_code, WebhookEvent.objects.count()) == (401 if raw == b"\xff" else 400, 0)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_body_above_the_limit_is_413_and_one_at_the_limit_is_taken(client):
    raw = stripe_event(pad="x" * 512 * 1024)
    answer = send_stripe(client, raw)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert counts() == {("stripe", "too_large"): 1}
    exact = stripe_event(pad="")
    assert send_stripe(client, stripe_event(pad="x" * (512 * 1024 - len(exact)))).status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
@pytest.mark.parametrize("path", [STRIPE, MERCADOPAGO])
def test_only_post_is_taken(client, method, path):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Allow"], answer["Content-Type"]) == (405, "POST", "application/problem+json")


def test_a_database_that_is_away_is_503(client):
    def away(*args):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        answer = send_stripe(client, stripe_event())
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "60")


def test_a_refusal_that_cannot_be_counted_is_refused_all_the_same(client):
    def away(*args):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        assert send_stripe(client, stripe_event(), **{"Stripe-Signature": ""}).status_code == 401
    # It is counted with the next one.
    assert send_stripe(client, stripe_event(), **{"Stripe-Signature": ""}).status_code == 401
    assert counts() == {("stripe", "missing"): 2}


def test_of_a_flood_every_one_counts_and_a_few_are_kept(client):
    for number in range(12):
        send_stripe(client, stripe_event(f"evt_{number}"), **{"Stripe-Signature": "t=1,v1=0"})
    assert counts() == {("stripe", "mismatch"): 12}
    assert SignatureFailure.objects.count() == 8


def test_no_more_than_so_many_are_ever_kept(client, monkeypatch):
    monkeypatch.setattr("billing.intake.refusing.KEPT_AN_HOUR", 1000)
    monkeypatch.setattr("billing.intake.refusing.MOST_KEPT", 14)
    for number in range(20):
        send_stripe(client, stripe_event(f"evt_{number}"), **{"Stripe-Signature": "t=1,v1=0"})
    kept = [json.loads(bytes(one.body))["id"] for one in SignatureFailure.objects.order_by("pk")]
    # Room is left for those that are kept at the same moment.
    assert kept == ["evt_15", "evt_16", "evt_17", "evt_18", "evt_19"]


def test_only_the_beginning_of_a_refused_body_is_kept(client):
    send_stripe(client, stripe_event(pad="x" * 100_000), **{"Stripe-Signature": ""})
    assert len(bytes(SignatureFailure.objects.get().body)) == 16 * 1024


def test_mercado_pago_is_kept_with_its_query(client):
    answer = send_mercadopago(client, mercadopago_event())
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    event = WebhookEvent.objects.get()
    assert (event.provider, event.event_type, event.object_id, event.is_signed) == ("mercadopago", "payment.updated", "77", True)
    assert (event.query, sorted(event.headers)) == ("data.id=77&type=payment", ["content-type", "x-request-id", "x-signature"])


def test_unsigned_ones_are_kept_as_such_but_only_so_many(client, monkeypatch):
    monkeypatch.setattr(unsigned, "_left", 1.5)
    monkeypatch.setattr(unsigned, "A_MINUTE", 0)
    assert send_mercadopago(client, mercadopago_event(1), signed=False).status_code == 200
    assert WebhookEvent.objects.get().is_signed is False
    answer = send_mercadopago(client, mercadopago_event(2), signed=False)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "too_many", "60")
    # A signed one is taken whatever the others did.
    assert send_mercadopago(client, mercadopago_event(3)).status_code == 200
    assert counts() == {("mercadopago", "unsigned_flood"): 1}


def test_unsigned_ones_are_not_taken_where_nothing_could_confirm_them(client, settings):
    settings.MERCADOPAGO_ACCESS_TOKEN = ""
    assert send_mercadopago(client, mercadopago_event(), signed=False).status_code == 503
    assert WebhookEvent.objects.count() == 0

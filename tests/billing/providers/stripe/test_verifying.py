import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.providers.stripe.verifying import verify
from billing.report import BadSignature, Delivery

NOW, OLD = "whsec_now", "whsec_before"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": 1_790_000_000,
    "livemode": False,
    "data": {"object": {"id": "pi_1"}},
}
BODY = json.dumps(EVENT).encode()


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = NOW, OLD


def mac(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed(body: bytes = BODY, *, secret: str = NOW, at: float | None = None) -> str:
    stamp = str(int(time.time() if at is None else at))
    return f"t={stamp},v1={mac(secret, stamp, body)}"


def delivery(header: str | None, body: bytes = BODY) -> Delivery:
    return Delivery(body, {} if header is None else {"stripe-signature": header}, {})


def refused(given: Delivery) -> str:
    with pytest.raises(BadSignature) as error:
        verify(given)
    return error.value.reason


def test_event_is_known_by_what_stands_in_it():
    found = verify(delivery(signed()))
    assert (found.event_id, found.event_type, found.object_id) == ("evt_1", "payment_intent.succeeded", "pi_1")
    assert (found.live_mode, found.is_signed, found.signed_by, found.note) == (False, True, "current", "")
    assert found.created_at == datetime.fromtimestamp(1_790_000_000, UTC)


def test_previous_secret_is_taken_and_named():
    assert verify(delivery(signed(secret=OLD))).signed_by == "previous"


def test_signature_of_a_secret_of_none_of_both_is_refused():
    assert refused(delivery(signed(secret="whsec_other"))) == "mismatch"


def test_only_previous_secret_set_is_enough(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert verify(delivery(signed(secret=OLD))).signed_by == "previous"


def test_no_secret_refuses_everything(settings):
    settings.STRIPE_WEBHOOK_SECRET = settings.STRIPE_WEBHOOK_SECRET_PREVIOUS = ""
    assert refused(delivery(signed(secret=""))) == "no_secret"


def test_any_of_several_signatures_may_match():
    stamp = str(int(time.time()))
    header = f"t={stamp},v1={'0' * 64},v0=abc,v1={mac(NOW, stamp, BODY)}"
    assert verify(delivery(header)).signed_by == "current"


def test_body_that_was_changed_is_refused():
    assert refused(delivery(signed(), BODY.replace(b"pi_1", b"pi_2"))) == "mismatch"


def test_body_is_taken_byte_for_byte():
    spaced = json.dumps(EVENT, indent=3).encode()
    assert verify(delivery(signed(spaced), spaced)).event_id == "evt_1"
    assert refused(delivery(signed(spaced))) == "mismatch"


@pytest.mark.parametrize("secret", [NOW, OLD])
def test_replay_after_the_tolerance_is_too_old(secret):
    assert refused(delivery(signed(secret=secret, at=time.time() - 3600))) == "too_old"


def test_signature_within_the_tolerance_is_taken():
    assert verify(delivery(signed(at=time.time() - 60))).event_id == "evt_1"


@pytest.mark.parametrize("header", [None, "", "   "])
def test_no_signature_is_missing(header):
    assert refused(delivery(header)) == "missing"


@pytest.mark.parametrize(
    "header",
    [
        "nonsense", "t=", "v1=", "t=1790000000", f"v1={'0' * 64}", "t=abc,v1=def", f"t=1790000000,v0={'0' * 64}", ",,,", "=",
        f"t=1790000000,v1={'é' * 64}", "t=1790000000,v1=" + "0" * 5000,
    ],
)  # fmt: skip
def test_header_that_is_none_is_malformed(header):
    assert refused(delivery(header)) == "malformed"


def test_body_that_is_no_text_is_malformed():
    assert refused(delivery(f"t={int(time.time())},v1={'0' * 64}", b"\xff\xfe")) == "malformed"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"1", b"{", b"{}", b'{"id": "evt_1"}', b'{"type": "x"}', b'{"id": "evt 1", "type": "x"}', b'{"id": "evt_\\u0000", "type": "x"}',
        b'{"id": "' + b"e" * 201 + b'", "type": "x"}', b'{"id": "evt_1", "type": "' + b"x" * 101 + b'"}', b"[" * 100_000,
        b'{"id": "evt_1", "type": "x", "data": {"object": {"id": "a/../b"}}}',
    ],
)  # fmt: skip
def test_signed_body_that_is_no_event_is_refused(body):
    assert refused(delivery(signed(body), body)) == "bad_body"


def test_event_about_nothing_with_an_id_is_taken():
    body = json.dumps({**EVENT, "data": {"object": {"object": "balance"}}, "created": "soon", "livemode": "no"}).encode()
    found = verify(delivery(signed(body), body))
    assert (found.object_id, found.created_at, found.live_mode) == ("", None, None)


def test_thin_event_names_what_it_is_about_elsewhere():
    thin: dict[str, Any] = {
        "id": "evt_2", "object": "v2.core.event", "type": "v1.payment_intent.succeeded", "created": "2026-10-01T09:11:04.211Z", "livemode": True,
        "related_object": {"id": "pi_9", "type": "payment_intent", "url": "/v1/payment_intents/pi_9"},
    }  # fmt: skip
    body = json.dumps(thin).encode()
    found = verify(delivery(signed(body), body))
    assert (found.event_id, found.event_type, found.object_id, found.live_mode) == ("evt_2", "v1.payment_intent.succeeded", "pi_9", True)
    assert found.created_at == datetime(2026, 10, 1, 9, 11, 4, 211_000, tzinfo=UTC)
    assert refused(delivery(signed(), body)) == "mismatch"

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.providers.mercadopago.verifying import ID_NOT_SIGNED, LOWER_CASE, UNSIGNED, verify
from billing.report import BadSignature, Delivery

NOW, OLD, REQUEST = "mp-now", "mp-before", "bb56a2f1-6aae-46ac-982e-9dcd3581d08e"
BODY = {
    "id": 111222333, "live_mode": True, "type": "payment", "date_created": "2026-10-01T09:11:04.000-04:00", "user_id": 44444, "api_version": "v1",
    "action": "payment.updated", "data": {"id": "999"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.MERCADOPAGO_WEBHOOK_SECRET, settings.MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS = NOW, OLD


def signature(manifest: str, stamp: str, secret: str = NOW) -> str:
    return f"ts={stamp},v1={hmac.new(secret.encode(), manifest.encode(), hashlib.sha256).hexdigest()}"


def seconds(ago: float = 0) -> str:
    return str(int(time.time() - ago))


def milliseconds(ago: float = 0) -> str:
    return str(int((time.time() - ago) * 1000))


def signed(data_id: str = "999", *, stamp: str = "", secret: str = NOW, **changes: Any) -> Delivery:
    """As Mercado Pago signs it; `changes` are made afterwards."""
    stamp = stamp or seconds()
    header = signature(f"id:{data_id};request-id:{REQUEST};ts:{stamp};", stamp, secret)
    query = {"data.id": data_id, "type": "payment"} | changes.get("query", {})
    return Delivery(json.dumps(BODY).encode(), {"x-signature": header, "x-request-id": REQUEST} | changes.get("headers", {}), query)


def refused(given: Delivery) -> str:
    with pytest.raises(BadSignature) as error:
        verify(given)
    return error.value.reason


def test_notification_is_known_by_what_stands_in_it():
    found = verify(signed())
    assert (found.event_id, found.event_type, found.object_id) == ("111222333", "payment.updated", "999")
    assert (found.live_mode, found.is_signed, found.signed_by, found.note) == (True, True, "current", "")
    assert found.created_at == datetime(2026, 10, 1, 13, 11, 4, tzinfo=UTC)


@pytest.mark.parametrize("unit", [seconds, milliseconds])
def test_time_is_taken_in_seconds_and_in_milliseconds(unit):
    assert verify(signed(stamp=unit())).is_signed


@pytest.mark.parametrize("unit", [seconds, milliseconds])
def test_retry_with_its_first_signature_is_taken_for_days(unit):
    assert verify(signed(stamp=unit(4 * 86_400 + 3600))).is_signed


@pytest.mark.parametrize("unit", [seconds, milliseconds])
@pytest.mark.parametrize("ago", [6 * 86_400, -6 * 86_400])
def test_replay_after_the_tolerance_is_too_old(unit, ago):
    assert refused(signed(stamp=unit(ago))) == "too_old"


@pytest.mark.parametrize("join", ["ts={new},{old}", "TS = {new} ,{old}", "{old},ts={new}", "ts=,{old},ts={new}"])
def test_second_time_in_the_header_does_not_make_an_old_signature_new(join):
    old = signed(stamp=seconds(6 * 86_400)).headers["x-signature"]
    assert refused(signed(headers={"x-signature": join.format(new=seconds(), old=old)})) == "malformed"


def test_previous_secret_is_taken_and_named():
    assert verify(signed(secret=OLD)).signed_by == "previous"


def test_signature_of_another_secret_is_refused():
    assert refused(signed(secret="other")) == "mismatch"


@pytest.mark.parametrize(
    "changes", [{"query": {"data.id": "998"}}, {"query": {"data.id": "ABC"}}, {"query": {"data.id": ""}}, {"headers": {"x-request-id": "another"}}]
)
def test_anything_signed_that_was_changed_is_refused(changes):
    assert refused(signed(**changes)) == "mismatch"


def test_signature_over_the_id_as_it_came_needs_no_note():
    given = signed("ABC-12")
    assert (verify(given).object_id, verify(given).note) == ("ABC-12", "")


@pytest.mark.parametrize("secret", [NOW, OLD])
def test_signature_over_the_id_in_small_letters_is_noted(secret):
    found = verify(signed("abc-12", secret=secret, query={"data.id": "ABC-12"}))
    assert (found.object_id, found.note, found.signed_by) == ("ABC-12", LOWER_CASE, "current" if secret == NOW else "previous")


def test_request_id_that_is_absent_is_left_out():
    stamp = seconds()
    given = Delivery(json.dumps(BODY).encode(), {"x-signature": signature(f"id:999;ts:{stamp};", stamp)}, {"data.id": "999"})
    assert verify(given).is_signed


def test_id_that_is_absent_is_left_out_and_noted():
    stamp = seconds()
    header = signature(f"request-id:{REQUEST};ts:{stamp};", stamp)
    found = verify(Delivery(json.dumps(BODY).encode(), {"x-signature": header, "x-request-id": REQUEST}, {}))
    assert (found.object_id, found.note) == ("999", ID_NOT_SIGNED)


def test_id_of_the_signed_address_counts_over_the_body():
    given = signed("777")
    assert verify(given).object_id == "777"


@pytest.mark.parametrize(
    "header",
    [
        "nonsense", "ts=", "v1=abc", "ts=abc,v1=def", "ts=1790000000", f"ts=1790000000,v1={'é' * 64}", "ts=１７９０００００００,v1=" + "0" * 64,
        f"ts={'9' * 17},v1=" + "0" * 64, "ts=1790000000,v1=" + "0" * 1000, "ts=-5,v1=" + "0" * 64, "ts=1790000000,v2=" + "0" * 64, ",=,",
    ],
)  # fmt: skip
def test_header_that_is_none_is_malformed(header):
    assert refused(signed(headers={"x-signature": header})) == "malformed"


def test_signature_without_a_secret_to_check_it_is_refused(settings):
    settings.MERCADOPAGO_WEBHOOK_SECRET = settings.MERCADOPAGO_WEBHOOK_SECRET_PREVIOUS = ""
    assert refused(signed(secret="")) == "no_secret"


@pytest.mark.parametrize(
    ("body", "query", "event_type", "object_id"),
    [
        ({"resource": "https://api.mercadolibre.com/merchant_orders/123", "topic": "merchant_order"}, {"topic": "merchant_order", "id": "123"}, "merchant_order", "123"),
        ({"resource": "https://api.mercadolibre.com/merchant_orders/123", "topic": "merchant_order"}, {}, "merchant_order", "123"),
        ({"resource": "77", "topic": "payment"}, {"id": "77", "topic": "payment"}, "payment", "77"),
        (None, {"id": "77", "topic": "payment"}, "payment", "77"),
        ({"id": "55", "type": "topic_merchant_order_wh", "action": "create"}, {}, "topic_merchant_order_wh", "55"),
        (BODY, {"data.id": "999", "type": "payment"}, "payment.updated", "999"),
        ({"type": "order", "action": "order.processed", "data": {"id": "ORD01J"}}, {"data.id": "ORD01J"}, "order.processed", "ORD01J"),
    ],
)  # fmt: skip
def test_unsigned_kinds_are_kept_and_said_to_be_unsigned(body, query, event_type, object_id):
    found = verify(Delivery(b"" if body is None else json.dumps(body).encode(), {}, query))
    assert (found.event_type, found.object_id, found.is_signed, found.signed_by, found.note) == (event_type, object_id, False, "", UNSIGNED)


def test_unsigned_delivery_cannot_take_the_id_of_a_signed_one():
    true, forged = verify(signed()), verify(Delivery(json.dumps(BODY).encode(), {}, {"data.id": "999"}))
    assert (true.event_id, forged.event_id) == ("111222333", "unsigned:111222333")


def test_delivery_without_an_id_of_its_own_has_one_of_what_it_is():
    order = json.dumps({"id": "55", "type": "topic_merchant_order_wh"}).encode()
    ids = [
        verify(Delivery(order, {"x-request-id": request}, query)).event_id
        for request, query in (("a", {}), ("a", {}), ("b", {}), ("a", {"data.id": "55"}))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert all(len(event_id) == len("unsigned:") + 64 for event_id in ids)


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"{", b"1", b"{}", b'{"type": "payment"}', b'{"type": "payment", "data": {"id": "a b"}}', b'{"type": "pay\\u0000", "data": {"id": "1"}}',
        b'{"data": {"id": "1"}}', b'{"type": "payment", "data": {"id": "' + b"9" * 201 + b'"}}', b"[" * 100_000, b"\xff",
    ],
)  # fmt: skip
def test_body_that_names_nothing_is_refused(body):
    assert refused(Delivery(body, {}, {})) == "bad_body"

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from billing import providers
from billing.report import CouldNotAsk
from tests.billing.providers.mercadopago import shapes

SINCE = datetime(2026, 10, 1, 12, tzinfo=UTC)


def payment(number: int, seconds: float) -> dict[str, Any]:
    return shapes.payment(id=number, date_last_updated=(SINCE + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"))


@pytest.fixture
def history(canned, outside):
    """Payments that are asked for as Mercado Pago's are: by their last change, by pages, both moments included."""
    payments: list[dict[str, Any]] = []

    def answer(request, write):
        asked = dict(parse_qsl(urlsplit(request.path).query))
        assert (asked["range"], asked["sort"], asked["criteria"]) == ("date_last_updated", "date_last_updated", "asc")
        begin, end = datetime.fromisoformat(asked["begin_date"]), datetime.fromisoformat(asked["end_date"])
        fitting = [one for one in payments if begin <= datetime.fromisoformat(one["date_last_updated"]) <= end]
        fitting.sort(key=lambda one: (datetime.fromisoformat(one["date_last_updated"]), one["id"]))
        start = int(asked["offset"])
        return 200, {}, json.dumps(shapes.found(*fitting[start : start + int(asked["limit"])])).encode()

    outside.respond = answer
    return payments


def changes():
    return providers.get("mercadopago").changes_between(SINCE, SINCE + timedelta(days=1))


def test_changes_come_oldest_first_and_look_like_a_webhook(history):
    history += [payment(2, 60), payment(1, 0.5)]
    found = list(changes())
    assert [one.object_id for one in found] == ["1", "2"]
    assert (found[0].event_id, found[0].event_type) == ("listed:1:1790856000500", "payment.updated")
    assert found[0].created_at == SINCE + timedelta(seconds=0.5)
    body = json.loads(found[0].body)
    assert (body["id"], body["type"], body["action"], body["data"], body["live_mode"]) == (
        found[0].event_id,
        "payment",
        "payment.updated",
        {"id": "1"},
        True,
    )


@pytest.mark.parametrize("together", [1, 7, 100, 150])
def test_many_changes_come_once_each(history, together):
    """So many payments of each moment."""
    history += [payment(number, number // together) for number in range(330)]
    assert [one.object_id for one in changes()] == [str(number) for number in range(330)]


def test_change_while_reading_leaves_no_other_payment_out(history):
    history += [payment(number, number) for number in range(250)]
    seen = []
    for change in changes():
        seen.append(change.object_id)
        if len(seen) == 50:
            history[3] = payment(3, 5000)
    assert sorted(set(seen), key=int) == [str(number) for number in range(250)]
    assert seen.count("3") == 2


def test_moment_that_does_not_end_is_left(canned):
    canned.says("/v1/payments/search", shapes.found(*(payment(number, 0) for number in range(100))))
    with pytest.raises(CouldNotAsk, match="does not end"):
        list(changes())


def test_payment_without_its_time_is_no_change(canned):
    canned.says("/v1/payments/search", shapes.found(shapes.payment(date_last_updated=None)))
    with pytest.raises(CouldNotAsk, match="makes no sense"):
        list(changes())

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from billing import providers
from billing.report import CouldNotAsk
from tests.billing.providers.stripe.shapes import CREATED, page

SINCE = datetime.fromtimestamp(CREATED, UTC)
LIMIT = 100


def event(number: int, at: int, event_type: str = "payment_intent.succeeded") -> dict[str, Any]:
    return {"id": f"evt_{number}", "object": "event", "type": event_type, "created": at, "data": {"object": {"id": f"pi_{number}"}}}


@pytest.fixture
def history(canned, outside):
    """A list of events that is asked as Stripe's is: newest first, by pages, between two moments."""
    events: list[dict[str, Any]] = []

    def answer(request, write):
        asked = dict(parse_qsl(urlsplit(request.path).query))
        fitting = [one for one in reversed(events) if int(asked["created[gte]"]) <= one["created"] < int(asked["created[lt]"])]
        if "starting_after" in asked:
            fitting = fitting[[one["id"] for one in fitting].index(asked["starting_after"]) + 1 :]
        return 200, {}, json.dumps(page(*fitting[: int(asked["limit"])], more=len(fitting) > int(asked["limit"]))).encode()

    outside.respond = answer
    return events


def changes(seconds: int = 1000):
    return providers.get("stripe").changes_between(SINCE, SINCE + timedelta(seconds=seconds))


def test_changes_come_oldest_first(history):
    history += [event(number, CREATED + number) for number in range(5)]
    found = list(changes())
    assert [one.event_id for one in found] == [f"evt_{number}" for number in range(5)]
    assert (found[1].event_type, found[1].object_id, found[1].created_at) == ("payment_intent.succeeded", "pi_1", SINCE + timedelta(seconds=1))
    assert json.loads(found[1].body) == history[1]


def test_many_changes_come_oldest_first_and_once_each(history):
    history += [event(number, CREATED + number // 3) for number in range(900)]
    assert [one.event_id for one in changes()] == [f"evt_{number}" for number in range(900)]


def test_first_changes_come_before_all_are_asked_for(history, canned):
    history += [event(number, CREATED + number) for number in range(900)]
    found = changes()
    assert next(found).event_id == "evt_0"
    asked = len(canned.requests)
    list(found)
    assert asked < len(canned.requests) / 2


def test_more_changes_than_a_page_in_one_second_are_all_taken(history):
    history += [event(number, CREATED + 5) for number in range(250)]
    assert [one.event_id for one in changes(10)] == [f"evt_{number}" for number in range(250)]


def test_types_that_move_nothing_are_left_out(history):
    history += [event(1, CREATED, "customer.created"), event(2, CREATED, "charge.refunded"), event(3, CREATED, "charge.succeeded")]
    assert [one.event_id for one in changes()] == ["evt_2"]


def test_span_includes_its_begin_and_not_its_end(history):
    history += [event(1, CREATED - 1), event(2, CREATED), event(3, CREATED + 9), event(4, CREATED + 10)]
    assert [one.event_id for one in changes(10)] == ["evt_2", "evt_3"]
    assert list(providers.get("stripe").changes_between(SINCE, SINCE)) == []


def test_failure_in_the_middle_keeps_what_came_before(history, outside):
    history += [event(number, CREATED + number) for number in range(300)]
    given = changes()
    found = [next(given).event_id for _number in range(50)]
    outside.respond = lambda request, write: (500, {}, b"{}")
    with pytest.raises(CouldNotAsk):
        found.extend(change.event_id for change in given)
    assert found[:50] == [f"evt_{number}" for number in range(50)]


def test_second_that_does_not_end_is_left(canned):
    canned.says("/v1/events", page(event(1, CREATED), more=True))
    with pytest.raises(CouldNotAsk, match="does not end"):
        list(changes(1))


@pytest.mark.parametrize("broken", [{"type": "payment_intent.succeeded"}, {**event(1, CREATED), "created": None}, {**event(1, CREATED), "type": 5}])
def test_event_that_makes_no_sense_is_no_change(canned, broken):
    canned.says("/v1/events", page(broken))
    with pytest.raises(CouldNotAsk, match="makes no sense"):
        list(changes())

"""Where the store stands to an override, the desk's lists, and how many were made today."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from catalog.models import Override
from catalog.queries.override import AGREES, DRIFTED, STANDS, Layer, counts, find_overrides, layer_of, layers_of, overrides_today, per_day
from opsportal import clock
from tests.factories import make_offer, make_override

pytestmark = pytest.mark.django_db

# What is overridden: by what, over what, and what is tracked now.
CASES = [
    ("price", {"amount": 90, "tracked_amount": 100}, {"price": 100}, STANDS),
    ("price", {"amount": 90, "tracked_amount": 100}, {"price": 95}, DRIFTED),
    ("price", {"amount": 90, "tracked_amount": 100}, {"price": 90}, AGREES),
    ("price", {"amount": 90, "tracked_amount": None}, {"price": None}, STANDS),
    ("price", {"amount": 90, "tracked_amount": None}, {"price": 80}, DRIFTED),
    ("list_price", {"amount": None, "tracked_amount": 100}, {"list_price": 100}, STANDS),
    ("list_price", {"amount": None, "tracked_amount": 100}, {"list_price": 110}, DRIFTED),
    ("list_price", {"amount": None, "tracked_amount": 100}, {"list_price": None}, AGREES),
    ("list_price", {"amount": 90, "tracked_amount": 100}, {"list_price": None}, DRIFTED),
    ("availability", {"amount": None, "availability": "out_of_stock", "tracked_availability": "in_stock"}, {"availability": "in_stock"}, STANDS),
    ("availability", {"amount": None, "availability": "out_of_stock", "tracked_availability": "in_stock"}, {"availability": "preorder"}, DRIFTED),
    ("availability", {"amount": None, "availability": "out_of_stock", "tracked_availability": "in_stock"}, {"availability": "out_of_stock"}, AGREES),
]


@pytest.mark.parametrize(("field", "said", "tracked", "state"), CASES)
def test_state_is_the_same_on_the_offers_page_and_in_the_lists(field: str, said: dict[str, Any], tracked: dict[str, Any], state: str) -> None:
    offer = make_offer(**{"price": 500} | tracked)
    made = make_override(offer, **{"field": field} | said)
    assert [layer.state for layer in layers_of(offer) if layer.field == field] == [state]
    assert [one.pk for one in find_overrides("drifted")] == [made.pk] * (state == DRIFTED)
    assert [one.pk for one in find_overrides("agreeing")] == [made.pk] * (state == AGREES)


def test_layers_say_what_is_shown_in_words() -> None:
    offer = make_offer(price=10_000)
    make_override(offer, field="list_price", amount=None)
    assert [(layer.label, layer.shown_words, layer.tracked_words) for layer in layers_of(offer)] == [
        ("price", "R$100.00", "R$100.00"), ("list price", "no list price", "no list price"), ("availability", "in stock", "in stock"),
    ]  # fmt: skip
    assert Layer(make_offer(price=None), "price", None).shown_words == "not known"


def test_lists_hold_what_their_names_say() -> None:
    now = clock.now()
    forever = make_override(make_offer())
    soon = make_override(make_offer(), expires_at=now + timedelta(hours=47))
    later = make_override(make_offer(), expires_at=now + timedelta(hours=49))
    over = make_override(make_offer(), expires_at=now - timedelta(minutes=1))
    ended = make_override(make_offer(), ended_at=now, ended_because="reverted")
    lists = {which: {one.pk for one in find_overrides(which)} for which in ("active", "expiring", "ended", "nonsense")}
    active = {forever.pk, soon.pk, later.pk}
    assert lists == {"active": active, "expiring": {soon.pk}, "ended": {over.pk, ended.pk}, "nonsense": active}
    assert counts() == {"active": 3, "expiring": 1, "drifted": 0, "agreeing": 0}
    assert counts(most=2)["active"] == 2


def test_the_lists_load_what_their_lines_show_at_once(django_assert_num_queries: Any) -> None:
    for _number in range(3):
        make_override(make_offer())
    with django_assert_num_queries(1):
        assert [str(layer_of(one).offer.store) != "" for one in find_overrides()] == [True] * 3


def test_today_is_the_teams_day_and_counts_what_has_ended_too() -> None:
    # 02:30 in UTC is 23:30 of the day before in São Paulo.
    with time_machine.travel(datetime(2026, 11, 22, 2, 30, tzinfo=UTC), tick=False):
        now = clock.now()
        for hours in (0, 1, 22, 24, 30):
            make_override(make_offer(), created_at=now - timedelta(hours=hours), ended_at=now, ended_because="reverted")
        assert (overrides_today(), list(per_day(3))) == (3, [0, 2, 3])
    with time_machine.travel(datetime(2026, 11, 22, 3, 30, tzinfo=UTC), tick=False):
        assert (overrides_today(), list(per_day(2))) == (0, [3, 0])


def test_an_override_of_nobody_else_is_on_the_offers_page() -> None:
    offer = make_offer()
    make_override(make_offer())
    assert [layer.override for layer in layers_of(offer)] == [None] * 3
    assert Override.objects.count() == 1

"""The chart of an offer: what was shown when, and why."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.drawing import PriceChart, price_chart
from catalog.models import Offer
from opsportal import clock
from tests.factories import make_offer, make_override, make_price

pytestmark = pytest.mark.django_db


def drawn(offer: Offer, days: int = 90) -> PriceChart:
    chart = price_chart(offer, days)
    assert chart is not None
    return chart


def kinds(chart: PriceChart) -> list[str]:
    return [classes for classes, _path in chart.chart.lines]


def test_nothing_known_is_no_chart() -> None:
    assert price_chart(make_offer(), 90) is None


def test_an_override_of_what_was_never_tracked_is_drawn() -> None:
    offer = make_offer(price=None)
    make_override(offer, created_at=clock.now() - timedelta(days=1))
    assert kinds(drawn(offer)) == ["c-line c-line--over"]


def test_what_held_before_the_range_reaches_into_it() -> None:
    offer = make_offer()
    make_price(offer, days_ago=200, price=10_000)
    chart = drawn(offer, 30)
    assert (kinds(chart), chart.medians.median30) == (["c-line"], 10_000)


def test_title_says_it_in_a_sentence() -> None:
    offer = make_offer()
    make_price(offer, days_ago=80, price=10_000)
    make_price(offer, days_ago=10, price=8_000)
    assert drawn(offer).chart.title == "Price of the last 90 days, between R$80.00 and R$100.00, median of 90 days R$100.00"


def test_under_an_override_the_stores_price_is_dashed_and_the_override_heavy() -> None:
    offer, now = make_offer(), clock.now()
    make_price(offer, days_ago=80)
    make_override(offer, created_at=now - timedelta(days=40), ended_at=now - timedelta(days=20), ended_because="reverted")
    chart = drawn(offer)
    assert kinds(chart) == ["c-line c-line--under", "c-line", "c-line", "c-line c-line--over"]
    assert [box.classes for box in chart.chart.bands] == ["c-span"]
    assert chart.chart.bands[0].title == "Overridden by tests: R$90.00. seen"
    assert [sign.classes for sign in chart.chart.signs] == ["c-sign c-sign--triangle"]
    assert chart.legend == {"override"}


def test_an_override_of_another_field_or_long_ago_is_not_drawn() -> None:
    offer, now = make_offer(), clock.now()
    make_price(offer, days_ago=80)
    make_override(offer, field="list_price")
    make_override(offer, created_at=now - timedelta(days=140), expires_at=now - timedelta(days=120))
    assert (kinds(drawn(offer)), drawn(offer).legend) == (["c-line"], frozenset())


def test_held_imported_and_not_sold_have_their_signs() -> None:
    offer = make_offer()
    make_price(offer, days_ago=80)
    make_price(offer, days_ago=60, source="import")
    make_price(offer, days_ago=50, availability="out_of_stock")
    make_price(offer, days_ago=40)
    make_price(offer, days_ago=10, price=100, held=True)
    chart = drawn(offer)
    assert kinds(chart) == ["c-line", "c-line"]
    assert [sign.classes for sign in chart.chart.signs] == ["c-sign c-sign--diamond", "c-sign c-sign--ring"]
    assert [box.classes for box in chart.chart.bands] == ["c-gap"]
    assert (set(chart.legend), chart.medians.median90) == ({"import", "held", "gap"}, 10_000)


def test_prices_of_before_in_another_currency_are_not_drawn_as_if_they_were_in_this_one() -> None:
    offer = make_offer(price=50_000)
    make_price(offer, days_ago=80, price=10_000, currency="USD")
    make_price(offer, days_ago=10, price=50_000)
    chart = drawn(offer)
    assert (chart.medians.median90, chart.chart.title) == (
        50_000,
        "Price of the last 90 days, between R$500.00 and R$500.00, median of 90 days R$500.00",
    )


def test_more_changes_than_are_drawn_are_said_to_be_cut(monkeypatch: Any) -> None:
    monkeypatch.setattr("catalog.queries.history.MOST_POINTS", 3)
    offer = make_offer()
    for day in range(1, 5):
        make_price(offer, days_ago=day, price=10_000 + day)
    assert drawn(offer).is_cut
    assert not drawn(make_price(make_offer(), days_ago=2).offer).is_cut

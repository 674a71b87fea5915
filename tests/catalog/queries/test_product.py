from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from catalog.queries.product import ORDER, categories, find_products, lines_of, named, offers_of
from catalog.queries.spread import Spread, spreads_of
from opsportal import clock
from tests.factories import make_alert, make_offer, make_override, make_product, make_store

pytestmark = pytest.mark.django_db


def found(*arguments: object) -> list[Product]:
    return list(find_products(*arguments).order_by(*(f"-{name}" for name in ORDER)))  # type: ignore[arg-type]


def test_list_filters() -> None:
    now = clock.now()
    fryer = make_product(name="Air fryer", category="kitchen", updated_at=now - timedelta(hours=1))
    oil = make_product(name="Azeite", category="grocery", updated_at=now)
    gone = make_product(name="Old fryer", status="archived")
    make_offer(product=fryer)
    make_offer(product=oil, status="archived")
    make_alert(product=oil)
    assert found() == [oil, fryer]
    assert found("fry") == [fryer]
    assert found("", "grocery") == [oil]
    assert (found("", "", ["alerting"]), found("", "", ["without_offers"]), found("", "", ["archived"])) == ([oil], [oil], [gone])


def test_line_shows_the_cheapest_that_can_be_bought() -> None:
    product, now = make_product(), clock.now()
    make_offer(product=product, price=500, availability="out_of_stock", confirmed_at=now - timedelta(hours=2))
    make_offer(product=product, price=900)
    cheap = make_override(make_offer(product=product, price=1000, confirmed_at=now), amount=800).offer
    make_offer(product=product, price=100, status="archived")
    dollars = make_offer(product=product, price=700, currency="USD")
    (line,) = lines_of([product])
    assert (line.offers, line.confirmed_at) == (4, now)
    assert [(offer, offer.shown_price) for offer in line.cheapest] == [(cheap, 800), (dollars, 700)]


def test_line_of_a_product_without_offers_is_empty() -> None:
    (line,) = lines_of([make_product()])
    assert (line.offers, line.confirmed_at, line.cheapest) == (0, None, [])


@pytest.mark.parametrize("count", [1, 3])
def test_lines_take_two_queries_for_any_number(count: int) -> None:
    products = [make_offer().product for _number in range(count)]
    with CaptureQueriesContext(connection) as seen:
        assert len(lines_of(products)) == count
    assert len(seen) == 2


def test_offers_of_a_product_stand_with_the_cheapest_that_can_be_bought_first() -> None:
    product = make_product()
    gone, dear, cheap, out = (make_offer(product=product, **fields) for fields in ({"status": "archived", "price": 1}, {"price": 900}, {"price": 800}, {"price": 100, "availability": "out_of_stock"}))  # fmt: skip
    assert offers_of(product) == [cheap, dear, out, gone]


def test_spread_is_of_what_can_be_bought_in_each_currency() -> None:
    product = make_product()
    for fields in ({"price": 1000}, {"price": 1500}, {"price": 100, "availability": "discontinued"}, {"price": 1, "status": "archived"}, {"price": 5, "currency": "USD"}, {"price": None}):  # fmt: skip
        make_offer(product=product, **fields)
    assert spreads_of(offers_of(product)) == [Spread("BRL", 2, 1000, 1500), Spread("USD", 1, 5, 5)]
    assert Spread("BRL", 2, 1000, 1500).percent == 50


def test_categories_are_those_of_active_products_once_each() -> None:
    for category in ("toys", "baby", "toys", ""):
        make_product(category=category)
    make_product(category="gone", status="archived")
    assert categories() == ["baby", "toys"]


def test_named_finds_a_number_or_gtin_before_words() -> None:
    one = make_product(name="Fryer 4", gtin="73513537")
    other = make_product(name=f"Model {one.pk} of 73513537")
    make_product(name="Neither")
    assert named(str(one.pk), 5)[:1] == [one]
    assert named("73513537", 5) == [one, other]
    assert named("9" * 30, 5) == []
    assert named("fryer", 1) == [one]


def test_store_name_comes_with_the_cheapest() -> None:
    offer = make_offer(store=make_store(name="Casa"))
    (line,) = lines_of([offer.product])
    with CaptureQueriesContext(connection) as seen:
        assert line.cheapest[0].store.name == "Casa"
    assert len(seen) == 0

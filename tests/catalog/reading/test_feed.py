import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.reading.feed import read_feed
from catalog.reading.result import PageReading, Unreadable


def feed(*offers, **more):
    return json.dumps({"version": 1, "currency": "BRL", "offers": list(offers), **more}).encode()


def test_entries_are_read_by_their_address_or_number():
    found = read_feed(
        feed(
            {"url": "https://shop.example/1", "sku": "1", "price": 10.5, "list_price": "R$ 20,00", "availability": "in_stock", "name": "Kettle"},
            {"sku": "2", "price": "1.234,56", "currency": "EUR", "availability": "https://schema.org/OutOfStock"},
            {"sku": "3", "price": 7, "list_price": 6},
        )
    )
    assert found.errors == {}
    assert found.readings == {
        "https://shop.example/1": PageReading(1050, 2000, "BRL", "in_stock", "feed", "Kettle"),
        "2": PageReading(123456, None, "EUR", "out_of_stock", "feed"),
        "3": PageReading(700, None, "BRL", "unknown", "feed"),
    }


def test_offer_whose_page_has_moved_is_found_by_its_number():
    found = read_feed(
        feed(
            *(
                {"url": f"https://shop.example/{name}", "sku": sku, "price": price}
                for name, sku, price in (("a", "1", 5), ("b", "2", 6), ("c", "2", 7))
            )
        )
    )
    assert found.entry("https://shop.example/old", "1").price == 500
    assert found.entry("https://shop.example/c", "1").price == 700
    # Two that share a number are told apart by their address alone.
    with pytest.raises(Unreadable, match="does not name"):
        found.entry("https://shop.example/old", "2")


@pytest.mark.parametrize(
    ("entry", "key", "code"),
    [
        ({"sku": "x"}, "x", "no_price"),
        ({"sku": "x", "price": 0}, "x", "zero_price"),
        ({"sku": "x", "price": "1.234"}, "x", "unclear_price"),
        ({"sku": "x", "price": 1, "list_price": -2}, "x", "negative_price"),
        ({"sku": "x", "price": 1, "currency": "money"}, "x", "unknown_currency"),
        ({"sku": "x", "price": 1, "availability": "perhaps"}, "x", "unknown_availability"),
        ({"price": 1}, "#2", "no_key"),
        ("text", "#2", "no_key"),
        ({"sku": "good", "price": 2}, "good", "duplicate"),
    ],
)
def test_bad_entry_is_an_error_of_its_own(entry, key, code):
    found = read_feed(feed({"sku": "good", "price": 1}, entry, {"sku": "other", "price": 3}))
    assert {name: error.code for name, error in found.errors.items()} == {key: code}
    assert list(found.readings) == [name for name in ("good", "other") if name != key]


def test_feed_without_a_currency_takes_that_of_the_entry_or_its_symbol():
    found = read_feed(feed({"sku": "1", "price": "R$ 5"}, {"sku": "2", "price": 5}, {"sku": "3", "price": 5, "currency": "usd"}, currency=None))
    assert ({key: one.currency for key, one in found.readings.items()}, found.errors["2"].code) == ({"1": "BRL", "3": "USD"}, "no_currency")


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "broken_feed"), (b"\xff", "broken_feed"), (b"[]", "broken_feed"), (b'{"version": 1}', "broken_feed"), (b"[" * 100_000, "broken_feed"),
     (b'{"version": 2, "offers": []}', "unknown_version"), (feed(*[0] * 50_001), "too_large"), (b" " * (16 * 1024 * 1024 + 1), "too_large")],
)  # fmt: skip
def test_what_is_no_feed_is_refused(body, code):
    with pytest.raises(Unreadable) as error:
        read_feed(body)
    assert error.value.code == code


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["version", "offers", "price", "sku", "url", "currency", "availability", "list_price"]), inner, max_size=6), max_leaves=20))  # fmt: skip
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nonsense_is_an_error_and_nothing_else(value):
    found = read_feed(json.dumps({"version": 1, "currency": "BRL", "offers": [value, {"sku": "a", "price": value}]}).encode())
    assert len(found.errors) + len(found.readings) == 2


def test_entry_is_found_by_its_number_when_its_address_has_moved() -> None:
    feed = read_feed(json.dumps({"version": 1, "currency": "BRL", "offers": [{"url": "https://a.example/new", "sku": "7", "price": 9}]}).encode())
    assert (feed.entry("https://a.example/old", "7").price, feed.entry("https://a.example/new", "").price) == (900, 900)

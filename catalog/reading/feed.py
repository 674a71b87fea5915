"""A store's JSON feed: {"version": 1, "currency": "BRL", "offers": [{"url" or "sku", "price", "list_price"?, "currency"?, "availability"?, "name"?}]}.

Prices are amounts in major units, as numbers or as texts; availability is one of our words or one of schema.org's.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog.reading.money import currency_of, minor_units, symbol_in
from catalog.reading.product import AVAILABILITY, BEST_FIRST
from catalog.reading.result import Availability, PageReading, Unreadable

VERSION = 1
MOST_BYTES = 16 * 1024 * 1024
MOST_OFFERS = 50_000


@dataclass(slots=True)
class Feed:
    """By the entry's url, else its sku. Entries with neither are under their place, “#3” for the third.

    `numbers`: the url that stands beside a sku, None where several do.
    """

    readings: dict[str, PageReading] = field(default_factory=dict)
    errors: dict[str, Unreadable] = field(default_factory=dict)
    numbers: dict[str, str | None] = field(default_factory=dict)

    def entry(self, *keys: str) -> PageReading:
        """What is said of the offer with one of these keys; empty ones don't count. Raises Unreadable."""
        # A page that has moved is found by its number.
        for key in filter(None, [*keys, *(self.numbers.get(key) for key in keys)]):
            if key in self.errors:
                raise self.errors[key]
            if key in self.readings:
                return self.readings[key]
        raise Unreadable("not_in_feed", "The store's feed does not name this offer.")


def read_feed(body: bytes) -> Feed:
    """What a feed says; a bad entry is an error of its own. Raises Unreadable when the feed as a whole is none."""
    document = _document(body)
    feed = Feed()
    for number, entry in enumerate(document["offers"], start=1):
        key = _key(entry) or f"#{number}"
        if sku := _number_beside(entry, key):
            feed.numbers[sku] = None if sku in feed.numbers else key
        try:
            if key in feed.readings or key in feed.errors:
                feed.readings.pop(key, None)
                raise Unreadable("duplicate", "The feed names this offer more than once.")
            feed.readings[key] = _entry(entry, document.get("currency"))
        except Unreadable as error:
            feed.errors[key] = error
    return feed


def _document(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        raise Unreadable("too_large", "The feed is larger than 16 MiB.")
    try:
        document = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=lambda _word: None)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Unreadable("broken_feed", f"The feed is no JSON: {str(error)[:100]}.") from None
    if not isinstance(document, dict) or not isinstance(document.get("offers"), list):
        raise Unreadable("broken_feed", "The feed is no object with a list of offers.")
    if document.get("version") != VERSION:
        raise Unreadable("unknown_version", f"The feed is of version {str(document.get('version'))[:20]}, not {VERSION}.")
    if len(document["offers"]) > MOST_OFFERS:
        raise Unreadable("too_large", f"The feed holds more than {MOST_OFFERS} offers.")
    return document


def _key(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    given = (entry.get("url"), entry.get("sku"))
    return next((value.strip() for value in given if isinstance(value, str) and value.strip()), None)


def _number_beside(entry: Any, key: str) -> str:
    """The sku of an entry that is kept by its url."""
    sku = entry.get("sku") if isinstance(entry, dict) else None
    return sku.strip() if isinstance(sku, str) and sku.strip() != key else ""


def _entry(entry: Any, usual: Any) -> PageReading:
    if _key(entry) is None:
        raise Unreadable("no_key", "The entry has neither url nor sku.")
    named = entry.get("currency") or usual
    currency = currency_of(named) or (symbol_in(entry.get("price")) if not named else None)
    if currency is None and named:
        raise Unreadable("unknown_currency", f"The currency “{str(named)[:20]}” is none of ISO 4217.")
    if currency is None:
        raise Unreadable("no_currency", "The price stands without a currency.")
    price = minor_units(entry.get("price"), currency)
    before = entry.get("list_price")
    list_price = minor_units(before, currency) if before not in (None, "") else None
    name = entry.get("name")
    return PageReading(
        price,
        list_price if list_price is not None and list_price > price else None,
        currency,
        _availability(entry.get("availability")),
        "feed",
        name[:300] if isinstance(name, str) and name else None,
    )


def _availability(value: Any) -> Availability:
    if value in (None, ""):
        return "unknown"
    word = value.rstrip("/").rpartition("/")[2].lower() if isinstance(value, str) else ""
    for known in BEST_FIRST:
        if word == known:
            return known
    if (said := AVAILABILITY.get(word.replace("_", ""))) is None:
        raise Unreadable("unknown_availability", f"The availability “{str(value)[:40]}” is not known.")
    return said

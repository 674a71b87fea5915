"""schema.org nodes → the one price of the page's product.

Sources: https://schema.org/Offer, https://schema.org/PriceTypeEnumeration and Google's merchant listings,
https://developers.google.com/search/docs/appearance/structured-data/merchant-listing

**Which product.** One whose own URL is the page's; else the only one there is. Several that differ in price are a list, not a
product page, and refused. Products that stand within others (similar ones, items of a list) are not looked at.
**Which offer.** Of the new ones (no condition said is new): the available ones before those on pre-order, before those of which
nothing is said, before those out of stock; the cheapest of these. An AggregateOffer counts by the offers in it, else by lowPrice.
**Which price.** One marked SalePrice; else the offer's own; else one that isn't marked. Prices for members and per delivery are
none. The list price is what is marked StrikethroughPrice, RegularPrice, ListPrice, MSRP or SRP, the first of these, if it is more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog.reading.json_ld import walk
from catalog.reading.markup import Node
from catalog.reading.money import currency_of, minor_units, symbol_in
from catalog.reading.result import Availability, PageReading, Source, Unreadable

PRODUCTS = {"Product", "ProductGroup", "IndividualProduct", "ProductModel", "SomeProducts", "Vehicle", "Car", "Book"}
OFFERS = {"Offer", "AggregateOffer", "OfferForPurchase"}
NO_PRICES = {"DeliveryChargeSpecification", "PaymentChargeSpecification"}
LIST_PRICES = ("StrikethroughPrice", "RegularPrice", "ListPrice", "MSRP", "SRP")
AVAILABILITY: dict[str, Availability] = {
    "instock": "in_stock", "limitedavailability": "in_stock", "onlineonly": "in_stock", "instoreonly": "in_stock", "madetoorder": "in_stock",
    "preorder": "preorder", "presale": "preorder", "backorder": "preorder",
    "outofstock": "out_of_stock", "soldout": "out_of_stock", "reserved": "out_of_stock", "discontinued": "discontinued",
}  # fmt: skip
BEST_FIRST: tuple[Availability, ...] = ("in_stock", "preorder", "unknown", "out_of_stock", "discontinued")
MOST_OFFERS = 500


@dataclass(frozen=True, slots=True)
class _Found:
    price: int
    list_price: int | None
    currency: str
    availability: Availability


def read_product(nodes: list[Node], url: str, source: Source, usual: str | None = None) -> PageReading:
    """The price of the page's product, in the `usual` currency if the page names none. Raises Unreadable (no_product, no_offer, several_products, mixed_currencies, …)."""
    products = [(node, offers) for node in _products(nodes) if (offers := list(_offers(node)))]
    if not products:
        code = "no_offer" if any(True for _node in _products(nodes)) else "no_product"
        raise Unreadable(code, "The page names a product, but no price." if code == "no_offer" else "The page describes no product.")
    own = [product for product in products if _is_about(product[0], product[1], url)] or products
    readings = [_reading(node, offers, source, usual) for node, offers in own[:20]]
    if len({(one.price, one.currency) for one in readings}) > 1:
        raise Unreadable("several_products", f"The page describes {len(readings)} products with different prices.")
    return readings[0]


def _reading(node: Node, offers: list[Node], source: Source, usual: str | None) -> PageReading:
    new = [offer for offer in offers if _is_new(offer)]
    if not new:
        raise Unreadable("only_used", "The page offers the product used only.")
    found: list[_Found] = []
    problems: list[Unreadable] = []
    for offer in new:
        try:
            found.append(_found(offer, usual))
        except Unreadable as error:
            problems.append(error)
    if not found:
        raise problems[0]
    if len({one.currency for one in found}) > 1:
        raise Unreadable("mixed_currencies", f"The offers are in {', '.join(sorted({one.currency for one in found}))}.")
    best = min(found, key=lambda one: (BEST_FIRST.index(one.availability), one.price))
    name = _text(node.get("name"))
    return PageReading(best.price, best.list_price, best.currency, best.availability, source, name[:300] if name else None)


def _products(nodes: list[Node]) -> Iterator[Node]:
    def into(node: Node) -> list[Any]:
        is_page = not (_types(node) & (PRODUCTS | {"ItemList", "BreadcrumbList", "Organization"}))
        return [node[key] for key in ("mainEntity", "mainEntityOfPage", "itemOffered") if key in node] if is_page else []

    for node in walk(nodes, into):
        if _types(node) & PRODUCTS:
            yield node
        elif _types(node) & OFFERS:
            # The other way round: an offer that names its product.
            for product in _nodes(node.get("itemOffered")):
                if _types(product) & PRODUCTS and not product.get("offers"):
                    yield {**product, "offers": node}


def _offers(product: Node) -> Iterator[Node]:
    """Every offer of the product and its variants; what an offer doesn't say itself, the aggregate around it says."""
    holders = [product, *_nodes(product.get("hasVariant"))[:MOST_OFFERS]]
    count = 0
    for holder in holders:
        for offer in _nodes(holder.get("offers")):
            inner = [one for one in _nodes(offer.get("offers")) if _has_price(one)]
            said = {key: offer[key] for key in ("priceCurrency", "availability", "itemCondition") if key in offer}
            for one in [{**said, **each} for each in inner] or [offer]:
                if _has_price(one) and count < MOST_OFFERS:
                    count += 1
                    yield one


def _has_price(offer: Node) -> bool:
    return any(_first(offer.get(key)) not in (None, "") for key in ("price", "lowPrice", "priceSpecification"))


def _found(offer: Node, usual: str | None) -> _Found:
    prices = _specifications(offer)
    own = _first(offer.get("price"))
    if own in (None, ""):
        own = _first(offer.get("lowPrice"))
    if "SalePrice" in prices:
        value, where = prices["SalePrice"]
    elif own not in (None, ""):
        value, where = own, offer
    elif "" in prices:
        value, where = prices[""]
    else:
        raise Unreadable("no_price", "The offer names a list price only." if prices else "The offer names no price.")
    currency = _currency(value, where, offer) or usual
    if currency is None:
        raise Unreadable("no_currency", "The price stands without a currency.")
    price = minor_units(value, currency)
    return _Found(price, _list_price(prices, offer, currency, price), currency, _availability(offer))


def _list_price(prices: dict[str, tuple[Any, Node]], offer: Node, currency: str, price: int) -> int | None:
    for kind in LIST_PRICES:
        if kind in prices:
            value, where = prices[kind]
            try:
                amount = minor_units(value, currency) if (_currency(value, where, offer) or currency) == currency else 0
            except Unreadable:
                continue
            return amount if amount > price else None
    return None


def _specifications(offer: Node) -> dict[str, tuple[Any, Node]]:
    """Prices by their priceType, "" for one without. The first of a kind counts."""
    found: dict[str, tuple[Any, Node]] = {}
    for one in _nodes(offer.get("priceSpecification"))[:50]:
        value = _first(one.get("price"))
        if value not in (None, "") and not _types(one) & NO_PRICES and not one.get("validForMemberTier"):
            found.setdefault(_word(one.get("priceType")), (value, one))
    return found


def _currency(value: Any, where: Node, offer: Node) -> str | None:
    for node in (where, offer):
        named = _first(node.get("priceCurrency"))
        if named not in (None, ""):
            if code := currency_of(named):
                return code
            raise Unreadable("unknown_currency", f"The currency “{str(named)[:20]}” is none of ISO 4217.")
    beside = next((code for _value, one in _specifications(offer).values() if (code := currency_of(_first(one.get("priceCurrency"))))), None)
    return beside or symbol_in(value)


def _availability(offer: Node) -> Availability:
    return AVAILABILITY.get(_word(offer.get("availability")).lower().replace(" ", "").replace("_", ""), "unknown")


def _is_new(offer: Node) -> bool:
    return _word(offer.get("itemCondition")).lower() in ("", "newcondition", "new")


def _is_about(product: Node, offers: list[Node], url: str) -> bool:
    named = [product.get("@id"), product.get("url"), product.get("mainEntityOfPage"), *(offer.get("url") for offer in offers)]
    return any(_place(text) == _place(url) for value in named if (text := _text(value)))


def _place(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", url
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query


def _types(node: Node) -> set[str]:
    kinds = node.get("@type")
    return {_word(kind) for kind in (kinds[:20] if isinstance(kinds, list) else [kinds])}


def _word(value: Any) -> str:
    """“https://schema.org/InStock”, “schema:InStock” and “InStock” → “InStock”."""
    text = _text(value) or ""
    return text.rstrip("/").rpartition("/")[2].rpartition("#")[2].rpartition(":")[2].strip()


def _text(value: Any) -> str | None:
    one = _first(value)
    if isinstance(one, dict):
        one = one.get("@value", one.get("@id", one.get("name")))
    return one.strip() if isinstance(one, str) else None


def _first(value: Any) -> Any:
    """The value itself: the first of several (JSON-LD and microdata may give a list for anything)."""
    one = value[0] if isinstance(value, list) and value else value
    if isinstance(one, dict) and "@value" in one:
        return one["@value"]
    return None if isinstance(one, list) else one


def _nodes(value: Any) -> list[Node]:
    return [one for one in (value[:MOST_OFFERS] if isinstance(value, list) else [value]) if isinstance(one, dict)]

"""A product page as each shop writes it: schema.org in the shapes that real shops use (https://schema.org/Offer), and what goes wrong."""

import json
from typing import Any

from django.utils.html import escape

from sandbox.shops.assortment import Good, Shop
from sandbox.shops.prices import Tag

SCHEMA = "https://schema.org/"
_STOCK = {"in_stock": "InStock", "out_of_stock": "OutOfStock"}


def page(shop: Shop, good: Good, tag: Tag, address: str, quirk: str = "") -> str:
    if quirk == "no_price":
        return _html(shop, good, "<p>Price on request</p>")
    if shop.style == "microdata":
        return _html(shop, good, _microdata(good, tag))
    text = json.dumps(_json_ld(shop, good, tag, address), ensure_ascii=False, indent=1)
    if quirk == "broken":
        text = text[: len(text) * 2 // 3]
    if quirk == "second_script":
        text = '{"@context": "https://schema.org", "@type": "Organization", "name": "broken",,}</script>\n<script type="application/ld+json">' + text
    return _html(shop, good, f"<p>{escape(_written(shop, tag.price))}</p>", head=f'<script type="application/ld+json">{text}</script>')


def feed(offers: list[tuple[Good, Tag, str]]) -> dict[str, Any]:
    """The JSON feed of a shop: docs/operations.md describes the format."""
    return {
        "version": 1, "currency": "BRL",
        "offers": [
            {"url": address, "sku": good.slug, "price": tag.price / 100, "list_price": tag.list_price and tag.list_price / 100, "availability": tag.availability}
            for good, tag, address in offers
        ],
    }  # fmt: skip


def _json_ld(shop: Shop, good: Good, tag: Tag, address: str) -> Any:
    offer: dict[str, Any] = {
        "@type": "Offer", "url": address, "priceCurrency": shop.currency, "price": f"{tag.price / 100:.2f}",
        "availability": SCHEMA + _STOCK[tag.availability], "itemCondition": SCHEMA + "NewCondition",
    }  # fmt: skip
    product = {"@type": "Product", "name": good.name, "gtin13": good.gtin, "brand": {"@type": "Brand", "name": good.brand}, "offers": offer}
    was = {
        "@type": "UnitPriceSpecification",
        "priceType": SCHEMA + "StrikethroughPrice",
        "price": (tag.list_price or 0) / 100,
        "priceCurrency": shop.currency,
    }
    if tag.list_price:
        offer["priceSpecification"] = [was]
    match shop.style:
        case "graph":
            return {
                "@context": SCHEMA,
                "@graph": [{"@type": "WebPage", "name": good.name}, {"@type": "BreadcrumbList", "itemListElement": []}, product],
            }
        case "aggregate":
            marked_up = {**offer, "price": f"{tag.price * 1.08 / 100:.2f}", "priceSpecification": []}
            product["offers"] = {
                "@type": "AggregateOffer",
                "lowPrice": tag.price / 100,
                "priceCurrency": shop.currency,
                "offerCount": 2,
                "offers": [marked_up, offer],
            }
            return [{"@context": SCHEMA, "@type": "Organization", "name": shop.name}, {"@context": SCHEMA, **product, "@type": ["Product", "Thing"]}]
        case "text" | "euro":
            offer["price"] = _written(shop, tag.price)
            was["price"] = _written(shop, tag.list_price or 0)
    return {"@context": SCHEMA, **product}


def _microdata(good: Good, tag: Tag) -> str:
    was = ""
    if tag.list_price:
        was = (
            f'<div itemprop="priceSpecification" itemscope itemtype="{SCHEMA}UnitPriceSpecification"><link itemprop="priceType" href="{SCHEMA}ListPrice">'
            f'<s itemprop="price" content="{tag.list_price / 100:.2f}"></s><meta itemprop="priceCurrency" content="BRL"></div>'
        )
    return (
        f'<div itemscope itemtype="{SCHEMA}Product"><h2 itemprop="name">{escape(good.name)}</h2><meta itemprop="gtin13" content="{good.gtin}">'
        f'<div itemprop="offers" itemscope itemtype="{SCHEMA}Offer"><meta itemprop="priceCurrency" content="BRL"><span itemprop="price">{_reais(tag.price)}</span>'
        f'<link itemprop="availability" href="{SCHEMA}{_STOCK[tag.availability]}">{was}</div></div>'
    )


def _written(shop: Shop, minor: int) -> str:
    return _reais(minor).removeprefix("R$ ").replace(".", " ") + " €" if shop.currency == "EUR" else _reais(minor)


def _reais(minor: int) -> str:
    whole = f"{minor // 100:,}".replace(",", ".")
    return f"R$ {whole},{minor % 100:02d}"


def _html(shop: Shop, good: Good, body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>{escape(good.name)} · {escape(shop.name)}</title>{head}</head>'
        f"<body><h1>{escape(good.name)}</h1>{body}<p>{escape(shop.name)} is not real: it belongs to the sample data.</p></body></html>"
    )

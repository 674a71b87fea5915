"""Sample catalog: the sandbox shops' products and offers with ninety days of prices.

The history is what the shops' pages would have shown (sandbox/shops/prices.py), so the price tracker goes on where it ends.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from audit.actors import Actor
from beta.models import Household
from catalog.actions.risk import recalculate
from catalog.models import Offer, Price, Product, Store
from sandbox import sample_alerts, sample_households, sample_overrides
from sandbox.diary import Diary
from sandbox.shops.assortment import SHOPS, Good, Shop, goods, sold_by
from sandbox.shops.chance import among
from sandbox.shops.prices import story, tag_at
from sandbox.shops.server import path_of, quirk

DAYS, STEP = 90, timedelta(hours=12)
# What the tracker found at pages that are not as they should be.
FOUND = {
    "gone": ("http_404", "The page answered 404."), "error": ("http_500", "The page answered 500."), "hangs": ("timeout", "No answer within 10 s."),
    "broken": ("no_offer", "The page says no price that could be read."), "no_price": ("no_offer", "The page says no price that could be read."),
    "off_limits": ("robots", "The store's robots.txt asks not to read this page."),
}  # fmt: skip


def load(diary: Diary, base_url: str, households: list[Household], product: Actor) -> None:
    """`base_url`: where `manage.py sandbox_shops` serves the shops. `product`: who passes on what households do."""
    now = diary.calendar.now
    products = Product.objects.bulk_create(
        Product(
            name=good.name,
            brand=good.brand,
            category=good.category,
            gtin=good.gtin,
            created_at=now - timedelta(days=DAYS),
            updated_at=now - timedelta(days=2),
        )
        for good in goods()
    )
    by_slug = {good.slug: product for good, product in zip(goods(), products, strict=True)}
    for shop in SHOPS:
        _load_shop(shop, by_slug, base_url.rstrip("/"), now)
    recalculate(list(Offer.objects.values_list("pk", flat=True)))
    # Their first bucket is no change of today.
    Offer.objects.update(updated_at=F("confirmed_at"))
    sample_overrides.load(diary)
    offers = list(Offer.objects.filter(error_code="", availability="in_stock", currency="BRL").select_related("product").order_by("pk"))
    sample_households.load(diary, households, offers, product)
    sample_alerts.load(diary, households, offers, product, f"{base_url.rstrip('/')}/push")


def _load_shop(shop: Shop, products: dict[str, Product], base_url: str, now: datetime) -> None:
    is_feed = shop.style == "feed"
    store = Store.objects.create(
        key=shop.key,
        name=shop.name,
        currency=shop.currency,
        source="feed" if is_feed else "page",
        feed_url=f"{base_url}/{shop.key}/feed.json" if is_feed else "",
    )
    offers = Offer.objects.bulk_create(_offer(shop, good, base_url, now, store=store, product=products[good.slug]) for good in sold_by(shop))
    source = "feed" if is_feed else "tracker"
    Price.objects.bulk_create(
        (price for good, offer in zip(sold_by(shop), offers, strict=True) for price in _history(shop, good, offer, source, now)), batch_size=5000
    )


def _offer(shop: Shop, good: Good, base_url: str, now: datetime, **belongs: Any) -> Offer:
    code, error = FOUND.get(quirk(shop, good), ("", ""))
    days_ago = 2 + among(8, "since", shop.key, good.slug) if code else 0
    seen = now - timedelta(days=days_ago, minutes=1 + among(50, "seen", shop.key, good.slug))
    tag = tag_at(shop, good, seen, now)
    return Offer(
        **belongs, url=base_url + path_of(shop, good), sku=good.slug, title=f"{good.name} ({shop.name})", currency=shop.currency,
        price=tag.price, list_price=tag.list_price, availability=tag.availability, created_at=now - timedelta(days=DAYS), updated_at=seen, confirmed_at=seen,
        checked_at=now - timedelta(minutes=25), failures=days_ago * 24, error_code=code, error=error,
    )  # fmt: skip


def _history(shop: Shop, good: Good, offer: Offer, source: str, now: datetime) -> list[Price]:
    rows: list[Price] = []
    before = None
    assert offer.confirmed_at is not None
    at = now - timedelta(days=DAYS)
    while at < offer.confirmed_at:
        tag = tag_at(shop, good, at, now)
        # As the tracker does: a fall to a tenth is held, not believed.
        held = story(shop, good) == "glitch" and tag.list_price is not None and tag.price * 5 < tag.list_price
        if tag != before:
            rows.append(
                Price(
                    offer=offer,
                    at=at,
                    price=tag.price,
                    list_price=tag.list_price,
                    currency=shop.currency,
                    availability=tag.availability,
                    source=source,
                    held=held,
                )
            )
        before, at = tag, at + STEP
    return rows

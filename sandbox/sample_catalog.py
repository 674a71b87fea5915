"""Sample catalog: the sandbox shops' products and offers with ninety days of prices, what people corrected, and what households want.

The history is what the shops' pages would have shown (sandbox/shops/prices.py), so the price tracker goes on where it ends.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from audit.actors import Actor
from beta.models import Household
from catalog.actions.alert import create_alert
from catalog.actions.override import override_offer
from catalog.actions.risk import recalculate
from catalog.models import Offer, Override, Price, Product, Profile, Purchase, Store
from opsportal import clock
from sandbox.shops.assortment import SHOPS, Good, Shop, goods, sold_by
from sandbox.shops.chance import among, between
from sandbox.shops.prices import story, tag_at
from sandbox.shops.server import path_of, quirk

DAYS, STEP = 90, timedelta(hours=12)
# What the tracker found at pages that are not as they should be.
FOUND = {
    "gone": ("http_404", "The page answered 404."), "error": ("http_500", "The page answered 500."), "hangs": ("timeout", "No answer within 10 s."),
    "broken": ("no_offer", "The page says no price that could be read."), "no_price": ("no_offer", "The page says no price that could be read."),
    "off_limits": ("robots", "The store's robots.txt asks not to read this page."),
}  # fmt: skip
CATEGORIES: tuple[list[str], ...] = (["kitchen", "home"], [], ["electronics"], ["baby", "home"], ["pets", "kitchen"], [])


def load(actor: Actor, base_url: str) -> None:
    """`base_url`: where `manage.py sandbox_shops` serves the shops."""
    now = clock.now()
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
    _corrections(actor, now)
    _households(actor, now)


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


def _corrections(actor: Actor, now: datetime) -> None:
    """What people corrected: one that holds, one that ends soon, one about which the store has come to agree, one that it left behind."""
    offers = list(Offer.objects.filter(error_code="", availability="in_stock").order_by("pk")[10:90:13])
    say = "The page shows the price with the shop's own card; without it the till says this."
    for place, (factor, days, reason) in enumerate(
        ((1.12, None, say), (0.94, 1, "Coupon of the week, confirmed by the shop."), (1.0, 9, "Wrong for an hour yesterday."))
    ):
        offer = offers[place]
        override_offer(
            actor=actor, offer_id=offer.pk, field="price", value=round((offer.price or 0) * factor), reason=reason,
            evidence_url=f"{offer.url}?photo={place + 1}", expires_at=now + timedelta(days=days) if days else None,
        )  # fmt: skip
    drifted = Override.objects.filter(offer=offers[0]).get()
    Override.objects.filter(pk=drifted.pk).update(tracked_amount=round((offers[0].price or 0) * 1.12), created_at=now - timedelta(days=3))
    held = offers[4]
    Offer.objects.filter(pk=held.pk).update(held_price=(held.price or 10) // 10, held_list_price=held.price, held_at=now - timedelta(minutes=25))


def _households(actor: Actor, now: datetime) -> None:
    households = list(Household.objects.filter(status="active").order_by("seat"))
    stores = list(Store.objects.order_by("pk"))
    Profile.objects.bulk_create(
        Profile(
            household=household, categories=CATEGORIES[number % len(CATEGORIES)], excluded_stores=[stores[number % len(stores)].pk] if number % 5 == 0 else [],
            max_price=(None, 25_000, 80_000)[number % 3], min_saving=(None, None, 10, 30)[number % 4],
        )
        for number, household in enumerate(households)
        if number % 3
    )  # fmt: skip
    cheapest = list(Offer.objects.filter(error_code="", availability="in_stock", currency="BRL").select_related("product").order_by("pk"))
    for number, household in enumerate(households[:36]):
        offer = cheapest[number * 5 % len(cheapest)]
        assert offer.price is not None
        has_target = number % 3 > 0
        create_alert(
            actor=actor, household_id=household.pk, product_id=offer.product_id, channel=("push", "email")[number % 2],
            target_price=round(offer.price * between(0.8, 1.02, "line", number)) if has_target else None,
            drop_percent=None if has_target else 10 + number % 4 * 5,
        )  # fmt: skip
    Purchase.objects.bulk_create(
        _purchase(number, household, cheapest[number * 11 % len(cheapest)], now) for number, household in enumerate(households[:28])
    )


def _purchase(number: int, household: Household, offer: Offer, now: datetime) -> Purchase:
    paid = offer.price or 0
    median = offer.median_90
    declared = 400_000 if number == 3 else max(0, (median or paid) - paid) + among(1500, "declared", number)
    bought = now - timedelta(hours=3 + number * 4)
    return Purchase(
        household=household, offer=offer, product_id=offer.product_id, external_id=f"pur_{number + 1:04}", price=paid, currency=offer.currency,
        declared_saving=declared, median_90=median, bought_at=bought, received_at=bought + timedelta(minutes=2), is_outlier=number == 3,
        outlier_reasons=["above_price", "above_median"] if number == 3 else [],
    )  # fmt: skip

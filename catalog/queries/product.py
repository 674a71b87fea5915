from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from catalog.models import Alert, Availability, Offer, Product, Status
from catalog.queries.effective import with_shown
from catalog.queries.searching import matching

ORDER = ("updated_at", "id")
FLAGS = ("alerting", "without_offers", "archived")
# Categories and stores that the filters offer.
OFFERED = 300
# Offers of one product that its page shows.
SIDE_BY_SIDE = 200
COUNTED = 1000
NOT_SOLD = (Availability.OUT_OF_STOCK, Availability.DISCONTINUED)


@dataclass(slots=True)
class Line:
    """A product with what stands beside it in the list. `cheapest`: an offer that can be bought, one for each currency."""

    product: Product
    offers: int = 0
    confirmed_at: datetime | None = None
    cheapest: list[Any] = field(default_factory=list)


def find_products(text: str = "", category: str = "", flags: Iterable[str] = ()) -> QuerySet[Product]:
    """For keyset pages by ORDER."""
    flags = set(flags)
    products = Product.objects.filter(status=Status.ARCHIVED if "archived" in flags else Status.ACTIVE)
    if category:
        products = products.filter(category=category)
    if "alerting" in flags:
        products = products.filter(pk__in=Alert.objects.filter(status=Alert.Status.ACTIVE).values("product"))
    if "without_offers" in flags:
        products = products.filter(~Exists(Offer.objects.filter(product=OuterRef("pk"), status=Status.ACTIVE)))
    return products.filter(matching(text)) if text.strip() else products


def lines_of(products: Sequence[Product]) -> list[Line]:
    """Two queries for any number of products: what their active offers are, and which of them is the cheapest that can be bought."""
    lines = {product.pk: Line(product) for product in products}
    active = Offer.objects.filter(product__in=list(lines), status=Status.ACTIVE)
    for row in active.order_by().values("product").annotate(count=Count("pk"), confirmed=Max("confirmed_at")):
        lines[row["product"]].offers, lines[row["product"]].confirmed_at = row["count"], row["confirmed"]
    sold = with_shown(active).filter(shown_price__isnull=False).exclude(shown_availability__in=NOT_SOLD)
    for offer in sold.select_related("store").order_by("product", "currency", "shown_price", "pk").distinct("product", "currency"):
        lines[offer.product_id].cheapest.append(offer)
    return list(lines.values())


def offers_of(product: Product) -> list[Any]:
    """Its offers side by side: active ones first, what can be bought before what can't, the cheapest first; SIDE_BY_SIDE at most."""
    offers = with_shown(product.offers.select_related("store")).order_by("status", "currency", "shown_price", "pk")[:SIDE_BY_SIDE]
    return sorted(offers, key=lambda offer: (offer.status, offer.shown_availability in NOT_SOLD))


def active_alerts_of(product: Product) -> int:
    """COUNTED at most."""
    return product.alerts.filter(status=Alert.Status.ACTIVE).order_by()[:COUNTED].count()


def offers_archived_with(product: Product) -> QuerySet[Offer]:
    """The offers that were archived in the act that archived the product: at the same moment. Empty for an active one."""
    if product.status != Status.ARCHIVED:
        return Offer.objects.none()
    return product.offers.filter(status=Status.ARCHIVED, updated_at=product.updated_at)


# A walk from one value to the next in the index, as DISTINCT would read every row.
# https://wiki.postgresql.org/wiki/Loose_indexscan
_CATEGORIES = """
WITH RECURSIVE seen AS (
    (SELECT category FROM products WHERE status = 'active' AND category > '' ORDER BY category LIMIT 1)
    UNION ALL
    SELECT next.* FROM seen, LATERAL (
        SELECT category FROM products WHERE status = 'active' AND category > seen.category ORDER BY category LIMIT 1) next
) SELECT * FROM seen LIMIT %s
"""


def categories() -> list[str]:
    """Every category of an active product, by name; OFFERED at most."""
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORIES, [OFFERED])
        return [row[0] for row in cursor.fetchall()]


def named(text: str, most: int) -> list[Product]:
    """Products for a person to choose from: those with exactly this number or GTIN first of all, then by the words."""
    text = text.strip()
    digits = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    exact = list(Product.objects.filter(Q(pk=digits) | Q(gtin=text))[:most]) if digits is not None else []
    return [*exact, *(one for one in find_products(text).order_by("-updated_at", "-id")[:most] if one not in exact)][:most]

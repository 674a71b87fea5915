"""What the catalog shows around every page: its lines of the navigation, and what the search finds of it."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models import Store
from catalog.queries.attention import Attention, attention
from catalog.queries.offer import Wanted, find_offers, held_waiting
from catalog.queries.product import named
from opsportal import clock, frame, search

DAY = timedelta(hours=24)


def register() -> None:
    frame.register_nav(
        frame.NavItem(_("Catalog"), "catalog", "catalog", "catalog.view", group="catalog", order=20, prefix="/ops/catalog/"),
        frame.NavItem(_("Offers"), "offers", "evidence", "catalog.view", group="catalog", order=21, prefix="/ops/offers/", count=_waiting),
    )
    search.register_search(products)
    search.register_search(offers)
    search.register_search(stores)


def products(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    """By words, GTIN or number."""
    if request.user.has_perm("catalog.view"):
        for product in named(text, search.MOST_HITS):
            yield search.Hit(product.name, _("Product"), reverse("catalog_product", args=[product.pk]))


def offers(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    """By words of their own title, number and address, and by their product's."""
    if request.user.has_perm("catalog.view"):
        found, order = find_offers(Wanted(text=text))
        for offer in found.order_by(*(f"-{name}" for name in order))[: search.MOST_HITS]:
            yield search.Hit(f"{offer}, {offer.store}", _("Offer"), reverse("offer", args=[offer.pk]))


def stores(request: HttpRequest, text: str) -> Iterable[search.Hit]:
    if request.user.has_perm("catalog.view"):
        for store in Store.objects.filter(name__icontains=text).order_by("name", "pk")[: search.MOST_HITS]:
            yield search.Hit(store.name, _("Store"), reverse("catalog_store", args=[store.pk]))


def attention_of(request: HttpRequest) -> Attention:
    """Read once a request."""
    if not hasattr(request, "_catalog_attention"):
        request._catalog_attention = attention(clock.now() + DAY)  # type: ignore[attr-defined]
    return request._catalog_attention  # type: ignore[attr-defined, no-any-return]


def _waiting(request: HttpRequest) -> int:
    """Prices that were held back wait for a person. One query, or none where the page has looked at more."""
    return attention_of(request).held if hasattr(request, "_catalog_attention") else held_waiting()

"""The list of offers. Every filter has an index that ends in the list's order, or is a set small enough to be sorted; nothing is counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from catalog.models import Alert, Availability, Offer, Override, Product, Status
from catalog.queries.effective import active_overrides
from catalog.queries.searching import matching
from opsportal import clock

STALE = timedelta(hours=48)
# So many products are looked up by their names; their offers are found beside those whose own words match.
MOST_PRODUCTS = 200
# Overrides of the availability are made by hand: more than these are none that a desk of four would have.
MOST_OVERRIDDEN = 1000
# What can be asked of an offer beside its store, category and bucket.
FLAGS = ("stale", "unconfirmed", "overridden", "held", "failing", "out_of_stock", "alerting", "archived")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is to hold. `flags` of FLAGS; several of them hold together."""

    text: str = ""
    store: int | None = None
    product: int | None = None
    category: str = ""
    bucket: str = ""
    flags: frozenset[str] = frozenset()


def find_offers(wanted: Wanted) -> tuple[QuerySet[Offer], tuple[str, str]]:
    """The offers and the order of their pages: newest change first; stale ones by when they were confirmed last, the latest first."""
    offers = Offer.objects.select_related("product", "store").filter(status=Status.ARCHIVED if "archived" in wanted.flags else Status.ACTIVE)
    exact = {"store": wanted.store, "product": wanted.product, "product__category": wanted.category, "bucket": wanted.bucket}
    offers = offers.filter(**{name: value for name, value in exact.items() if value})
    for flag in sorted(wanted.flags - {"archived"}):
        offers = offers.filter(_FLAGGED[flag]())
    if wanted.text.strip():
        offers = offers.filter(_worded(wanted.text))
    return offers, ("confirmed_at" if "stale" in wanted.flags else "updated_at", "id")


def _out_of_stock() -> Q:
    """As it is shown: what is overridden counts by its override."""
    overrides = active_overrides().filter(field=Override.Field.AVAILABILITY).values_list("offer", "availability")[:MOST_OVERRIDDEN]
    said = dict(overrides)
    out = [offer for offer, availability in said.items() if availability == Availability.OUT_OF_STOCK]
    tracked = Q(availability=Availability.OUT_OF_STOCK)
    if said:
        tracked &= ~Q(pk__in=list(said))
    return tracked | Q(pk__in=out) if out else tracked


def _worded(text: str) -> Q:
    """By its own title, number and address, or by its product's name, brand and GTIN."""
    products = list(Product.objects.filter(matching(text)).values_list("pk", flat=True)[: MOST_PRODUCTS + 1])
    own = matching(text)
    return own | Q(product__in=products) if products and len(products) <= MOST_PRODUCTS else own


_FLAGGED: dict[str, Callable[[], Q]] = {
    "stale": lambda: Q(confirmed_at__lt=clock.now() - STALE),
    "unconfirmed": lambda: Q(confirmed_at=None),
    "overridden": lambda: Q(pk__in=active_overrides().values("offer")),
    "held": lambda: Q(held_at__isnull=False),
    "failing": lambda: Q(failures__gt=0),
    "out_of_stock": _out_of_stock,
    "alerting": lambda: Q(product__in=Alert.objects.filter(status=Alert.Status.ACTIVE).values("product")),
}


def held_waiting(most: int = 100) -> int:
    """How many readings wait for a person, `most` at most."""
    return Offer.objects.filter(held_at__isnull=False, status=Status.ACTIVE)[:most].count()

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.actions.profile import MOST_PRICE, checked_currency
from catalog.models import Offer, Price, Product, Purchase
from catalog.outliers import Facts, reasons
from catalog.queries.effective import with_shown
from catalog.queries.profile import get_household
from opsportal import clock
from opsportal.errors import Invalid, NotFound

# A clock that goes a little fast is no lie.
AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=366)
LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase as it is declared. Amounts in minor units of `currency`; `offer_id` or `product_id` or neither where it is not known."""

    household_id: UUID
    external_id: str
    price: int
    currency: str
    bought_at: datetime
    offer_id: int | None = None
    product_id: int | None = None
    declared_saving: int | None = None

    @property
    def hash(self) -> str:
        """Tells the same declaration again from another one under the same number."""
        said = {name: str(getattr(self, name)) for name in self.__slots__ if name != "bought_at"}
        return hashlib.sha256(json.dumps(said | {"at": self.bought_at.timestamp()}, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def record_purchase(*, actor: Actor, purchase: Bought, client_id: int | None = None) -> tuple[Purchase, bool]:
    """Keep what a household says it bought, with the offer's 90-day median of now, and say why it is doubted. Returns it, and whether it is new.

    The same `external_id` of the same client again gives the first one as it is, without a second audit row. Raises Invalid
    (`purchase_mismatch`) when it says something else now, Invalid with the field at fault, NotFound (`household_unknown`,
    `offer_unknown`, `product_unknown`). A removed household may still tell what it bought.
    """
    if not purchase.external_id or len(purchase.external_id) > LONGEST_ID or not purchase.external_id.isprintable():
        raise Invalid(_("A purchase needs a number of 1 to 100 plain characters."), field="external_id")
    known = _known(purchase, client_id)
    if known is not None:
        return known, False
    _check(purchase)
    household = get_household(purchase.household_id)
    offer, product = _offer(purchase), _product(purchase)
    facts = _facts(purchase, offer, product)
    why = [str(reason) for reason in reasons(facts)]
    made = Purchase(
        household=household, offer=offer, product=product, external_id=purchase.external_id, client_id=client_id, request_hash=purchase.hash,
        price=purchase.price, currency=purchase.currency, declared_saving=purchase.declared_saving, median_90=facts.median_90,
        bought_at=purchase.bought_at, is_outlier=bool(why), outlier_reasons=why,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # Two calls with one number at the same moment: the second finds the first.
        known = _known(purchase, client_id)
        if known is None:
            raise
        return known, False
    made.refresh_from_db()
    _record(actor, made)
    return made, True


def _known(purchase: Bought, client_id: int | None) -> Purchase | None:
    found = Purchase.objects.filter(client_id=client_id, external_id=purchase.external_id).first()
    if found is not None and found.request_hash != purchase.hash:
        raise Invalid(_("This number came with another purchase before."), field="external_id", code="purchase_mismatch", purchase_id=str(found.pk))
    return found


def _check(purchase: Bought) -> None:
    checked_currency(purchase.currency)
    if not 0 < purchase.price <= MOST_PRICE:
        raise Invalid(_("A price is more than 0."), field="price")
    if purchase.declared_saving is not None and abs(purchase.declared_saving) > MOST_PRICE:
        raise Invalid(_("That is no economy."), field="declared_saving")
    if not clock.now() - OLDEST <= purchase.bought_at <= clock.now() + AHEAD:
        raise Invalid(_("The day of the purchase lies in the last year, and not in the future."), field="bought_at")


def _offer(purchase: Bought) -> Any | None:
    if purchase.offer_id is None:
        return None
    found = with_shown(Offer.objects.select_related("product")).filter(pk=purchase.offer_id).first()
    if found is None:
        raise NotFound(_("There is no such offer."), code="offer_unknown")
    if purchase.product_id not in (None, found.product_id):
        raise Invalid(_("The offer is of another product."), field="product_id")
    return found


def _product(purchase: Bought) -> Product | None:
    if purchase.product_id is None:
        return None
    found = Product.objects.filter(pk=purchase.product_id).first()
    if found is None:
        raise NotFound(_("There is no such product."), code="product_unknown")
    return found


def _facts(purchase: Bought, offer: Any | None, product: Product | None) -> Facts:
    """Without an offer the product's prices at all stores are looked at, and nobody can say which median counts."""
    other = offer is not None and offer.currency != purchase.currency
    if (offer is None and product is None) or other:
        return Facts(purchase.price, purchase.declared_saving, other_currency=other)
    history = Price.objects.filter(currency=purchase.currency, held=False)
    history = history.filter(offer=offer) if offer is not None else history.filter(offer__product=product)
    known = history.aggregate(lowest=Min("price"), highest=Max("price"))
    prices = [price for price in (known["lowest"], known["highest"], offer.shown_price if offer is not None else None) if price is not None]
    median = offer.median_90 if offer is not None else None
    return Facts(purchase.price, purchase.declared_saving, median, min(prices, default=None), max(prices, default=None))


def _record(actor: Actor, made: Purchase) -> None:
    said = ("price", "currency", "declared_saving", "median_90", "bought_at")
    changes: dict[str, tuple[Any, Any]] = {name: (None, getattr(made, name)) for name in said}
    if made.is_outlier:
        changes["outlier"] = (None, made.outlier_reasons)
    record(
        actor=actor,
        action_type=CatalogAction.RECORD_PURCHASE,
        entity_type="purchase",
        entity_id=made.pk,
        entity_label=made.external_id,
        changes=changes,
    )

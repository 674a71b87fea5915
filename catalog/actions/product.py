from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from audit.actions import Changes, record
from audit.actors import Actor
from catalog import checking
from catalog.action_types import CatalogAction
from catalog.actions.editing import check_seen, differing, pairs, save, without_a_queue, write
from catalog.actions.shown import needed
from catalog.models import Offer, Product, Status
from catalog.queries.product import offers_archived_with
from catalog.risk.writing import recalculate
from opsportal import clock
from opsportal.errors import Conflict, NotFound

SHOWN = ("name", "brand", "category", "gtin", "image_url")


@without_a_queue()
@transaction.atomic
def create_product(
    *, actor: Actor, name: str, brand: str = "", category: str = "", gtin: str = "", image_url: str = "", reason: str = ""
) -> Product:  # fmt: skip
    """A product without offers yet. Raises Invalid, Conflict (`gtin_taken`, with the other's `product_id`)."""
    product = Product(**_checked(name, brand, category, gtin, image_url))
    save(product, taken=lambda: _gtin_taken(product))
    product.refresh_from_db()
    _record(actor, product, reason, {field: (None, value) for field in SHOWN if (value := getattr(product, field))} | {"version": (None, 1)})
    return product


@without_a_queue()
@transaction.atomic
def change_product(
    *, actor: Actor, product_id: int, version: int, name: str, brand: str, category: str, gtin: str, image_url: str, reason: str = ""
) -> Product:  # fmt: skip
    """Change what it is called and where it stands. `version`: the one that was seen; another one raises Conflict (`stale`).

    Raises NotFound, Invalid, Conflict (`archived`, `unchanged`, `gtin_taken`).
    """
    product = locked_product(product_id)
    check_seen("product", product, version)
    if product.status == Status.ARCHIVED:
        raise Conflict(_("The product is archived. Restore it first."), code="archived")
    changed = differing(product, _checked(name, brand, category, gtin, image_url))
    changes, now = pairs(product, changed), clock.now()
    write(product, changed | {"updated_at": now}, taken=lambda: _gtin_taken(product))
    if {"name", "category"} & changed.keys():
        # They are shown with its offers.
        _lock_offers(product)
        product.offers.filter(status=Status.ACTIVE, updated_at__lt=now).update(updated_at=now)
    _record(actor, product, reason, changes)
    return product


@without_a_queue()
@transaction.atomic
def archive_product(*, actor: Actor, product_id: int, reason: str) -> Product:
    """Take it out of every list and feed, and its offers with it. Nothing is deleted; its price alerts stay and find nothing.

    Raises NotFound, Invalid without a reason, Conflict (`archived`).
    """
    reason, product = needed(reason), locked_product(product_id)
    if product.status == Status.ARCHIVED:
        raise Conflict(_("The product is archived already."), code="archived")
    now, changes = clock.now(), pairs(product, {"status": Status.ARCHIVED})
    write(product, {"status": Status.ARCHIVED, "updated_at": now}, taken=lambda: None)
    # The same moment tells later which offers went with it.
    _lock_offers(product)
    offers = product.offers.filter(status=Status.ACTIVE).update(status=Status.ARCHIVED, updated_at=now, version=F("version") + 1)
    _record(actor, product, reason, {**changes, "active_offers": (offers, 0)})
    return product


@without_a_queue()
@transaction.atomic
def restore_product(*, actor: Actor, product_id: int, reason: str = "") -> Product:
    """Bring it back, with the offers that were archived together with it; those archived before on their own stay away.

    Raises NotFound, Conflict (`not_archived`).
    """
    product = locked_product(product_id)
    if product.status != Status.ARCHIVED:
        raise Conflict(_("The product is not archived."), code="not_archived")
    now, changes = clock.now(), pairs(product, {"status": Status.ACTIVE})
    _lock_offers(product)
    back = list(offers_archived_with(product).values_list("pk", flat=True))
    Offer.objects.filter(pk__in=back).update(status=Status.ACTIVE, updated_at=now, version=F("version") + 1)
    write(product, {"status": Status.ACTIVE, "updated_at": now}, taken=lambda: None)
    _record(actor, product, reason, {**changes, "active_offers": (0, len(back))})
    recalculate(back)
    return product


def locked_product(product_id: int) -> Product:
    """The product, locked against every other writer until the end of the transaction; before its offers. Raises NotFound."""
    product = Product.objects.select_for_update(no_key=True).filter(pk=product_id).first()
    if product is None:
        raise NotFound(_("There is no such product."))
    return product


def _lock_offers(product: Product) -> None:
    """By number, as everybody who writes several: an UPDATE takes them as they lie, and two of them could wait in a circle."""
    len(product.offers.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _checked(name: str, brand: str, category: str, gtin: str, image_url: str) -> dict[str, object]:
    return {
        "name": checking.line(name, "name", most=200, needed=True), "brand": checking.line(brand, "brand", most=100),
        "category": checking.line(category, "category", most=60), "gtin": checking.gtin(gtin),
        "image_url": checking.web_address(image_url, "image_url", most=500),
    }  # fmt: skip


def _gtin_taken(product: Product) -> None:
    other = Product.objects.filter(gtin=product.gtin).exclude(pk=product.pk).first() if product.gtin else None
    if other:
        raise Conflict(_("This GTIN belongs to “%(name)s”.") % {"name": other}, code="gtin_taken", product_id=other.pk)


def _record(actor: Actor, product: Product, reason: str, changes: Changes) -> None:
    record(
        actor=actor, action_type=CatalogAction.UPSERT_PRODUCT, entity_type="product", entity_id=product.pk, entity_label=product.name,
        reason=reason.strip(), changes=changes,
    )  # fmt: skip

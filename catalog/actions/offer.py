from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from catalog import checking
from catalog.actions.editing import check_seen, differing, save, without_a_queue, write
from catalog.actions.product import locked_product
from catalog.actions.shown import locked_offer, needed, record_offer, touch
from catalog.fields import Field, said
from catalog.models import Availability, Offer, Price, PriceSource, Product, Status, Store
from catalog.queries.effective import active_overrides
from catalog.risk.writing import recalculate_products
from opsportal import clock
from opsportal.errors import Conflict, Invalid, NotFound

PLAIN = ("url", "sku", "title")
TRACKED = ("currency", "price", "list_price", "availability")
HELD: dict[str, None] = {"held_price": None, "held_list_price": None, "held_at": None, "dismissed_price": None}
# A reading that waits, or was dismissed, is of this page, in this currency, and against this price.
SETTLES_HELD = frozenset({"url", "currency", "price", "list_price"})
# What a page says is compared with what is written here: without these the next look reads it, modified or not.
UNREAD = {"etag": "", "last_modified": ""}


@without_a_queue()
@transaction.atomic
def create_offer(
    *, actor: Actor, product_id: int, store_id: int, url: str, sku: str = "", title: str = "", currency: str = "BRL", price: int | None = None,
    list_price: int | None = None, availability: str = Availability.UNKNOWN, reason: str = "",
) -> Offer:  # fmt: skip
    """A product at a store. Without a price it waits for the tracker's first look. Prices in minor units of `currency`.

    Raises Invalid, NotFound, Conflict (`url_taken`, with the other's `offer_id`; `archived` for a product that is).
    """
    product, store = _active(product_id), _store(store_id)
    checked = _checked(url=url, sku=sku, title=title, currency=currency, price=price, list_price=list_price, availability=availability)
    offer = Offer(product=product, store=store, **checked)
    save(offer, taken=lambda: _url_taken(offer))
    offer.refresh_from_db()
    if price is not None:
        _append_price(offer, actor)
    changes: dict[str, Any] = {"product": (None, str(product)), "store": (None, store.name)}
    changes |= {field: (None, value) for field in (*PLAIN, *TRACKED) if (value := _said(offer, field))}
    record_offer(offer, actor, reason.strip(), changes | {"version": (None, 1)})
    touch(offer, changed=False)
    return offer


@without_a_queue()
@transaction.atomic
def change_offer(
    *, actor: Actor, offer_id: int, version: int, product_id: int, store_id: int, url: str, sku: str, title: str, currency: str, price: int | None,
    list_price: int | None, availability: str, reason: str = "",
) -> Offer:  # fmt: skip
    """Change what it is and what is tracked of it. Another price goes into the history as a person's, and settles one that was held.

    An active override stays over it. The tracker writes over a price set here when it next reads another one: to hold a price,
    override it. `version`: the one that was seen; another one raises Conflict (`stale`). Raises NotFound, Invalid, Conflict
    (`archived`, `unchanged`, `url_taken`, `overridden` for another currency under an override in the old one).
    """
    product, store = _active(product_id), _store(store_id)
    offer = locked_offer(offer_id)
    check_seen("offer", offer, version)
    if offer.status == Status.ARCHIVED:
        raise Conflict(_("The offer is archived. Restore it first."), code="archived")
    wanted = _checked(url=url, sku=sku, title=title, currency=currency, price=price, list_price=list_price, availability=availability)
    wanted |= {"product": product, "store": store}
    overridden = set(active_overrides().filter(offer=offer).values_list("field", flat=True))
    _check_change(offer, wanted, overridden)
    changed, was, left = differing(offer, wanted), _all_said(offer), offer.product_id
    prices = {field: value for field, value in changed.items() if field in TRACKED}
    if SETTLES_HELD & changed.keys() and (offer.held_at or offer.dismissed_price):
        changed |= HELD
    shown = changed.keys() - overridden - HELD.keys()
    if {"url", *TRACKED} & changed.keys():
        changed |= UNREAD
    write(offer, changed | ({"updated_at": clock.now()} if shown else {}), taken=lambda: _url_taken(offer))
    if prices and offer.price is not None:
        _append_price(offer, actor)
    now = _all_said(offer)
    changes = {f"tracked_{field}" if field in overridden else field: (was[field], now[field]) for field in now if was[field] != now[field]}
    record_offer(offer, actor, reason.strip(), changes | {"version": (version, offer.version)})
    touch(offer, changed=False)
    if offer.product_id != left:
        recalculate_products([left])
    return offer


@without_a_queue()
@transaction.atomic
def archive_offer(*, actor: Actor, offer_id: int, reason: str) -> Offer:
    """Take it out of lists and feeds, and ask its store no more. Its prices and overrides stay in the records.

    Raises NotFound, Invalid without a reason, Conflict (`archived`).
    """
    reason, offer = needed(reason), locked_offer(offer_id)
    if offer.status == Status.ARCHIVED:
        raise Conflict(_("The offer is archived already."), code="archived")
    write(offer, {"status": Status.ARCHIVED, "updated_at": clock.now()}, taken=lambda: None)
    record_offer(offer, actor, reason, {"status": (Status.ACTIVE, Status.ARCHIVED), "version": (offer.version - 1, offer.version)})
    recalculate_products([offer.product_id])
    return offer


@without_a_queue()
@transaction.atomic
def restore_offer(*, actor: Actor, offer_id: int, reason: str = "") -> Offer:
    """Show it again, with the price it had. Raises NotFound, Conflict (`not_archived`; `archived` for a product that is)."""
    known = Offer.objects.filter(pk=offer_id).first()
    if known is None:
        raise NotFound(_("There is no such offer."))
    _active(known.product_id)
    offer = locked_offer(offer_id)
    if offer.status != Status.ARCHIVED:
        raise Conflict(_("The offer is not archived."), code="not_archived")
    write(offer, {"status": Status.ACTIVE, "updated_at": clock.now()}, taken=lambda: None)
    record_offer(offer, actor, reason.strip(), {"status": (Status.ARCHIVED, Status.ACTIVE), "version": (offer.version - 1, offer.version)})
    touch(offer, changed=False)
    return offer


def _active(product_id: int) -> Product:
    # Locked before its offers, as by whoever archives it: no active offer is left behind with an archived product.
    product = locked_product(product_id)
    if product.status == Status.ARCHIVED:
        raise Conflict(_("The product “%(name)s” is archived. Restore it first.") % {"name": product}, code="archived", product_id=product.pk)
    return product


def _store(store_id: int) -> Store:
    store = Store.objects.filter(pk=store_id).first()
    if store is None:
        raise Invalid(_("There is no such store."), field="store")
    return store


def _checked(
    *, url: str, sku: str, title: str, currency: str, price: int | None, list_price: int | None, availability: str
) -> dict[str, Any]:  # fmt: skip
    if availability not in Availability.values:
        raise Invalid(_("That is no availability."), field="availability")
    return {
        "url": checking.web_address(url, "url", most=1000, needed=True), "sku": checking.line(sku, "sku", most=100),
        "title": checking.line(title, "title", most=300), "currency": checking.currency(currency), "price": checking.amount(price, "price"),
        "list_price": checking.amount(list_price, "list_price"), "availability": availability,
    }  # fmt: skip


def _check_change(offer: Offer, wanted: dict[str, Any], overridden: set[str]) -> None:
    if offer.price is not None and wanted["price"] is None:
        raise Invalid(_("A price is replaced, not taken away. To stop showing the offer, archive it."), field="price")
    if wanted["currency"] != offer.currency and overridden & {Field.PRICE, Field.LIST_PRICE}:
        raise Conflict(_("A price is overridden in %(code)s. Revert the override first.") % {"code": offer.currency}, code="overridden")


def _url_taken(offer: Offer) -> None:
    other = Offer.objects.filter(url=offer.url).exclude(pk=offer.pk).first()
    if other:
        text = _("This address belongs to another offer, which is archived: “%(name)s”.") if other.status == Status.ARCHIVED else _("This address belongs to another offer: “%(name)s”.")  # fmt: skip
        raise Conflict(text % {"name": other}, code="url_taken", offer_id=other.pk)


def _append_price(offer: Offer, actor: Actor) -> None:
    """Of an offer that has a price."""
    Price.objects.create(
        offer=offer, at=clock.now(), price=offer.price or 0, list_price=offer.list_price, currency=offer.currency, availability=offer.availability,
        source=PriceSource.PERSON, by=actor.label,
    )  # fmt: skip


def _said(offer: Offer, field: str) -> Any:
    value = getattr(offer, field)
    return str(value) if field in ("product", "store") else said(value, offer.currency)


def _all_said(offer: Offer) -> dict[str, Any]:
    return {field: _said(offer, field) for field in ("product", "store", *PLAIN, *TRACKED, "held_price")}

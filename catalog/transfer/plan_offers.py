"""Rows of offers: found by id, else by address. Their product is named by id or GTIN, their store by its key."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from catalog import checking
from catalog.models import Availability, Offer, Product, Status, Store
from catalog.queries.effective import active_overrides
from catalog.transfer import cells
from catalog.transfer.plan_products import by_gtin, products_by
from catalog.transfer.planning import Line, Planner, Values, Verdict, check_archived, differences, status_of
from opsportal.errors import Invalid

_FIELDS = (
    "id", "product_id", "store_id", "url", "sku", "title", "currency", "price", "list_price", "availability", "status", "version", "held_at", "held_price",
)  # fmt: skip


class OfferPlanner(Planner):
    def __init__(self, broken: dict[int, str]) -> None:
        super().__init__(broken)
        self.stores = {store.key: store for store in Store.objects.all()}

    def keys(self, line: Line) -> Values:
        get = line.cells.get
        url = checking.web_address(cells.as_text(get("url")), "url", most=1000)
        found = {"id": cells.number(get("id"), "id"), "url": url}
        if not any(found.values()):
            raise Invalid(_("neither an id nor an address says which offer it is"))
        return found | {"product_id": cells.number(get("product_id"), "product_id"), "product_gtin": cells.gtin(get("product_gtin"), "product_gtin")}

    def look_up(self, lines: Sequence[Line]) -> None:
        ids = [line.keys["id"] for line in lines if line.keys["id"]]
        found = {offer.pk: offer for offer in Offer.objects.only(*_FIELDS).filter(pk__in=ids)} if ids else {}
        urls = {line.keys["url"] for line in lines if line.keys["url"]} - {offer.url for offer in found.values()}
        found |= {offer.pk: offer for offer in Offer.objects.only(*_FIELDS).filter(url__in=urls)} if urls else {}
        self.by_id, self.by_url = found, {offer.url: offer for offer in found.values()}
        own = {offer.product_id for offer in found.values()}
        products = products_by(ids=own | {line.keys["product_id"] for line in lines}, gtins={line.keys["product_gtin"] for line in lines})
        self.products, self.by_gtin = {product.pk: product for product in products}, by_gtin(products)
        self.overridden = set(active_overrides().filter(offer__in=found).exclude(field="availability").values_list("offer_id", flat=True))

    def judge(self, line: Line) -> Verdict:
        target = self._find(line)
        product, store = self._product(line), self._store(line)
        values = self._plain(line) | ({"product_id": product.pk} if product else {}) | ({"store_id": store.pk} if store else {})
        currency = self._currency(line, target, store)
        values |= {"currency": currency} | self._prices(line, currency)
        if target is None:
            return self._new(line, values, product, store)
        before, after = differences(target, values)
        check_archived(target, values, after)
        self._check_change(line, target, values, after)
        if target.held_at and {"url", "currency", "price", "list_price"} & after.keys():
            # A price that somebody gives settles the one that waited for a person; so does another page.
            before["held_price"], after["held_price"] = target.held_price, None
        label = values.get("title") or target.title or self.products[target.product_id].name
        return Verdict(target, before or None, after or None, label, (("id", target.pk), ("url", after.get("url", target.url))))

    def _find(self, line: Line) -> Offer | None:
        number, url = line.keys["id"], line.keys["url"]
        if not number:
            return self.by_url.get(url)
        if number not in self.by_id:
            raise Invalid(_("there is no offer %(number)s") % {"number": number}, field="id")
        other = self.by_url.get(url)
        if other and other.pk != number:
            raise Invalid(_("the address belongs to offer %(number)s") % {"number": other.pk}, field="url")
        return self.by_id[number]

    def _product(self, line: Line) -> Product | None:
        number, gtin = line.keys["product_id"], line.keys["product_gtin"]
        named = self.products.get(number) if number else None
        if number and named is None:
            raise Invalid(_("there is no product %(number)s") % {"number": number}, field="product_id")
        same = self.by_gtin[gtin.lstrip("0")] if gtin else []
        if gtin and (not same or (named and named not in same)):
            text = _("no product has the GTIN %(gtin)s") if not same else _("the GTIN %(gtin)s is not that of product %(number)s")
            raise Invalid(text % {"gtin": gtin, "number": number}, field="product_gtin")
        if named is None and len(same) > 1:
            raise Invalid(_("several products have this GTIN; product_id says which one is meant"), field="product_gtin")
        return named or (same[0] if same else None)

    def _store(self, line: Line) -> Store | None:
        key = cells.line(line.cells.get("store"), "store", most=40)
        if key and key not in self.stores:
            known = ", ".join(sorted(self.stores)[:10])
            raise Invalid(
                _("there is no store with the key “%(key)s”; there are: %(known)s") % {"key": key, "known": known or _("none")}, field="store"
            )
        return self.stores[key] if key else None

    def _plain(self, line: Line) -> Values:
        """Only of columns that are there; an empty cell leaves the address, and takes away the others."""
        values: Values = {"url": line.keys["url"]} if line.keys["url"] else {}
        for name, most in (("sku", 100), ("title", 300)):
            if name in line.cells:
                values[name] = cells.line(line.cells[name], name, most=most)
        if availability := cells.choice(line.cells.get("availability"), "availability", Availability.values):
            values["availability"] = availability
        return values | status_of(line)

    def _currency(self, line: Line, target: Offer | None, store: Store | None) -> str:
        if code := cells.as_text(line.cells.get("currency")):
            return checking.currency(code)
        return target.currency if target else store.currency if store else ""

    def _prices(self, line: Line, currency: str) -> Values:
        """An empty price leaves the one that is there; an empty list price says that there is none."""
        values: Values = {}
        if currency and (price := cells.price(line.cells.get("price"), "price", currency)) is not None:
            values["price"] = price
        if currency and "list_price" in line.cells:
            values["list_price"] = cells.price(line.cells["list_price"], "list_price", currency)
        return values

    def _new(self, line: Line, values: Values, product: Product | None, store: Store | None) -> Verdict:
        for name, there in (("url", values.get("url")), ("store", store), ("product_id", product)):
            if not there:
                raise Invalid(_("a new offer needs an address, a store and a product"), field=name)
        assert product is not None
        values = {
            "sku": "", "title": "", "price": None, "list_price": None, "availability": Availability.UNKNOWN.value, "status": Status.ACTIVE.value,
        } | values  # fmt: skip
        if values["status"] == Status.ACTIVE:
            _check_active(product)
        return Verdict(None, None, values, values["title"] or product.name, (("url", values["url"]),))

    def _check_change(self, line: Line, target: Offer, values: Values, after: Values) -> None:
        if {"product_id", "status"} & after.keys() and values.get("status", target.status) == Status.ACTIVE:
            _check_active(self.products[values.get("product_id", target.product_id)])
        if "currency" not in after:
            return
        if target.pk in self.overridden:
            raise Invalid(_("a price is overridden in %(code)s; revert the override first") % {"code": target.currency}, field="currency")
        if (target.price is not None and "price" not in values) or (target.list_price is not None and "list_price" not in values):
            raise Invalid(_("in another currency every price must be said anew: price and list_price"), field="currency")


def _check_active(product: Product) -> None:
    if product.status == Status.ARCHIVED:
        raise Invalid(_("the product “%(name)s” is archived; restore it first") % {"name": product.name}, field="product_id")

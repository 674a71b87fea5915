"""Rows of products: found by id, else by GTIN, else by name and brand."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from catalog import checking
from catalog.models import Product, Status
from catalog.transfer import cells
from catalog.transfer.planning import Line, Planner, Values, Verdict, check_archived, differences, status_of
from opsportal.errors import Invalid

_BY_NAME = """
    SELECT p.id FROM unnest(%s::text[], %s::text[]) AS wanted (name, brand) JOIN products p ON lower(p.name) = wanted.name AND lower(p.brand) = wanted.brand
"""
_GTIN_LENGTHS = (8, 12, 13, 14)


class ProductPlanner(Planner):
    def keys(self, line: Line) -> Values:
        found = {"id": cells.number(line.cells.get("id"), "id"), "gtin": cells.gtin(line.cells.get("gtin"), "gtin")}
        name = cells.line(line.cells.get("name"), "name", most=200)
        brand = cells.line(line.cells.get("brand"), "brand", most=100)
        if not (found["id"] or found["gtin"] or name):
            raise Invalid(_("neither an id, nor a GTIN, nor a name says which product it is"))
        return found | {"name": name, "names": (name.lower(), brand.lower())}

    def look_up(self, lines: Sequence[Line]) -> None:
        by_name = {line.keys["names"] for line in lines if not line.keys["id"] and not line.keys["gtin"]}
        same_name = list(Product.objects.raw(_BY_NAME, [[name for name, _brand in by_name], [brand for _name, brand in by_name]])) if by_name else []
        found = products_by(
            ids={line.keys["id"] for line in lines} | {product.pk for product in same_name}, gtins={line.keys["gtin"] for line in lines}
        )
        self.by_id = {product.pk: product for product in found}
        self.by_gtin = by_gtin(found)
        self.by_names: dict[tuple[str, str], list[Product]] = defaultdict(list)
        for product in found:
            self.by_names[product.name.lower(), product.brand.lower()].append(product)
        self.active_offers = _offers_with(self.by_id, line_statuses(lines))

    def judge(self, line: Line) -> Verdict:
        target = self._find(line)
        values = self._values(line)
        if target is None:
            if not values.get("name"):
                raise Invalid(_("a new product needs a name"), field="name")
            values = {"gtin": line.keys["gtin"], "brand": "", "category": "", "image_url": "", "status": Status.ACTIVE.value} | values
            own = ("gtin", values["gtin"]) if values["gtin"] else ("names", line.keys["names"])
            return Verdict(None, None, values, values["name"], (own,))
        before, after = differences(target, values)
        check_archived(target, values, after)
        if "status" in after:
            before["active_offers"], after["active_offers"] = self._offers(target, archive=after["status"] == Status.ARCHIVED)
        owned: list[tuple[str, Any]] = [("id", target.pk)]
        if gtin := after.get("gtin", target.gtin):
            owned.append(("gtin", gtin))
        return Verdict(target, before or None, after or None, values.get("name") or target.name, tuple(owned))

    def _find(self, line: Line) -> Product | None:
        number, gtin = line.keys["id"], line.keys["gtin"]
        holders = self.by_gtin[gtin.lstrip("0")] if gtin else []
        if number:
            if number not in self.by_id:
                raise Invalid(_("there is no product %(number)s") % {"number": number}, field="id")
            others = [other for other in holders if other.pk != number]
            if others:
                raise Invalid(_("%(gtin)s belongs to product %(number)s") % {"gtin": gtin, "number": others[0].pk}, field="gtin")
            return self.by_id[number]
        same = holders if gtin else self.by_names[line.keys["names"]]
        if len(same) > 1:
            numbers = ", ".join(str(product.pk) for product in same[:5])
            raise Invalid(_("several products fit: %(numbers)s; a column “id” says which one is meant") % {"numbers": numbers})
        return same[0] if same else None

    def _values(self, line: Line) -> Values:
        """Only of columns that are there; an empty cell leaves a name and a GTIN, and takes away the rest."""
        values: Values = {}
        for name, most in (("brand", 100), ("category", 60)):
            if name in line.cells:
                values[name] = cells.line(line.cells[name], name, most=most)
        if "image_url" in line.cells:
            values["image_url"] = checking.web_address(cells.as_text(line.cells["image_url"]), "image_url", most=500)
        if line.keys["name"]:
            values["name"] = line.keys["name"]
        if (gtin := line.keys["gtin"]) and not self._holds(line, gtin):
            values["gtin"] = gtin
        return values | status_of(line)

    def _holds(self, line: Line, gtin: str) -> bool:
        """Whether it is stored already, perhaps with another number of zeros before it."""
        holders = self.by_gtin[gtin.lstrip("0")]
        return bool(holders) and (not line.keys["id"] or holders[0].pk == line.keys["id"])

    def _offers(self, target: Product, *, archive: bool) -> tuple[int, int]:
        """How many active offers it has before and after: they are archived with it, and come back with it."""
        active, with_it = self.active_offers.get(target.pk, (0, 0))
        return (active, 0) if archive else (active, active + with_it)


def products_by(*, ids: Collection[Any], gtins: Iterable[str | None]) -> list[Product]:
    variants = {digits.lstrip("0").zfill(length) for digits in gtins if digits for length in _GTIN_LENGTHS}
    return list(Product.objects.defer("search").filter(Q(pk__in=[pk for pk in ids if pk]) | Q(gtin__in=variants)).order_by("pk"))


def by_gtin(products: Iterable[Product]) -> dict[str, list[Product]]:
    """By the digits without zeros before them: one article has one number, however it was padded."""
    found: dict[str, list[Product]] = defaultdict(list)
    for product in products:
        if product.gtin:
            found[product.gtin.lstrip("0")].append(product)
    return found


def line_statuses(lines: Sequence[Line]) -> bool:
    return any("status" in line.cells for line in lines)


def _offers_with(products: dict[int, Product], asked: bool) -> dict[int, tuple[int, int]]:
    """Active offers, and those that were archived in the same act as the product."""
    if not asked or not products:
        return {}
    active = Count("offers", filter=Q(offers__status=Status.ACTIVE))
    with_it = Count("offers", filter=Q(offers__status=Status.ARCHIVED, offers__updated_at=F("updated_at"), status=Status.ARCHIVED))
    rows = Product.objects.filter(pk__in=products).annotate(active=active, with_it=with_it).values_list("pk", "active", "with_it")
    return {pk: (active, with_it) for pk, active, with_it in rows}

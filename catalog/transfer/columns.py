"""The columns of a file: how they are called, what they mean, and which a file must have."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.models import Import
from catalog.transfer.table import Unreadable

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Column:
    """`name` stands in the file's first row. `field`: what it writes; empty where it only finds something, or is only there to be read."""

    name: str
    help: Text
    example: str
    field: str = ""
    needed_for_new: bool = False


ID = Column("id", gettext_lazy("The portal's own number. It finds the thing to change; leave it empty to add a new one."), "")
_STATUS = Column("status", gettext_lazy("active or archived. Archiving takes it out of every feed; nothing is deleted."), "active", "status")
_PRODUCTS = (
    ID,
    Column("gtin", gettext_lazy("GTIN (EAN), 8 to 14 digits. Without an id it finds the product."), "7891000315507", "gtin"),
    Column(
        "name",
        gettext_lazy("What people call it. With the brand it finds the product where a row has neither id nor GTIN."),
        "Coffee 500 g",
        "name",
        True,
    ),
    Column("brand", gettext_lazy("The maker's brand. An empty cell takes it away."), "Aurora", "brand"),
    Column("category", gettext_lazy("One word or two, as households choose it. An empty cell takes it away."), "groceries", "category"),
    Column("image_url", gettext_lazy("Address of a picture. An empty cell takes it away."), "https://shop.example/coffee.jpg", "image_url"),
    _STATUS,
)
_OFFERS = (
    ID,
    Column(
        "url",
        gettext_lazy("Address of the product's page at the store. Without an id it finds the offer."),
        "https://shop.example/coffee",
        "url",
        True,
    ),
    Column("store", pgettext_lazy("column", "The store's key."), "store-key", "store_id", True),
    Column("product_id", gettext_lazy("The product's number in the portal. It or the GTIN says which product is offered."), ""),
    Column("product_gtin", gettext_lazy("The product's GTIN, if it has one."), "7891000315507"),
    Column("product_name", gettext_lazy("Only to be read: exports fill it, imports ignore it."), ""),
    Column("sku", gettext_lazy("The store's own number. An empty cell takes it away."), "CF-500", "sku"),
    Column("title", gettext_lazy("The store's own title. An empty cell takes it away."), "Aurora coffee 500 g", "title"),
    Column("currency", gettext_lazy("ISO code. Empty: as it is; for a new offer the store's."), "BRL", "currency"),
    Column("price", gettext_lazy("A number in the row's currency: 64.90 or 64,90. Empty: as it is."), "64.90", "price"),
    Column("list_price", gettext_lazy("The price before the discount. An empty cell says that there is none."), "79.90", "list_price"),
    Column("availability", gettext_lazy("in_stock, out_of_stock, preorder, discontinued or unknown. Empty: as it is."), "in_stock", "availability"),
    _STATUS,
)


def columns_of(kind: str) -> tuple[Column, ...]:
    return _PRODUCTS if kind == Import.Kind.PRODUCTS else _OFFERS


def names_of(kind: str) -> list[str]:
    return [column.name for column in columns_of(kind)]


def known(text: str) -> str:
    """A heading as people type it, in the form of a column's name: “List price ” is list_price."""
    return "_".join(text.replace("\ufeff", "").replace("-", " ").replace("_", " ").lower().split())


def places(kind: str, heading: Sequence[object]) -> dict[str, int]:
    """Where each column stands. Raises Unreadable for a column that is unknown, there twice, or missing."""
    found: dict[str, int] = {}
    names = names_of(kind)
    unknown = []
    for place, cell in enumerate(heading):
        if (name := known(str(cell))) in found:
            raise Unreadable(_("The column “%(name)s” is there twice. Take one of them out.") % {"name": name})
        if name in names:
            found[name] = place
        elif name:
            unknown.append(str(cell).strip()[:40])
    if unknown:
        text = _("The first row names columns that %(kind)s don't have: %(unknown)s. They have: %(names)s.")
        raise Unreadable(text % {"kind": Import.Kind(kind).label, "unknown": ", ".join(unknown[:10]), "names": ", ".join(names)})
    _check_complete(kind, found)
    return found


def _check_complete(kind: str, found: dict[str, int]) -> None:
    """Enough columns to find what a row means, and one that says something of it."""
    finding = {"id", "gtin", "name"} if kind == Import.Kind.PRODUCTS else {"id", "url"}
    if not finding & set(found):
        raise Unreadable(_("A column is missing: at least one of %(names)s must say what a row is about.") % {"names": ", ".join(sorted(finding))})
    if len(found) < 2:
        raise Unreadable(_("The file has one column only, so it would change nothing."))

"""What the pages of imports show. None of them fetches a file's content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.fields import in_words
from catalog.models import Availability, Import, ImportRow, Offer, Product, Status, Store
from catalog.transfer.columns import columns_of
from catalog.transfer.work import WHY, conflicts

MOST_CONFLICTS = 50
PAGE = 50
Effect = ImportRow.Effect
_MONEY = ("price", "list_price", "held_price")


def newest_imports() -> QuerySet[Import]:
    return Import.objects.defer("content", "asked")


def find_import(import_id: int) -> Import:
    """Raises Http404."""
    return get_object_or_404(newest_imports(), pk=import_id)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the preview: `changes` maps a field's label to (before, after) in words; `url` is the thing's page, where there is one yet."""

    row: ImportRow
    changes: dict[str, tuple[str | None, str | None]]
    why: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of the preview; `after` and `before` are line numbers to go on from, 0 where it ends."""

    effect: str
    lines: Sequence[Shown]
    before: int
    after: int


def tabs_of(job: Import, effect: str) -> list[tuple[str, str, int, bool]]:
    """(effect, label, how many, whether it is the one that is looked at)."""
    rows = [("", _("all"), job.rows_count), *((one.value, str(one.label), getattr(job, one.value)) for one in Effect)]
    return [(value, str(label), count, value == effect) for value, label, count in rows]


def lines_of(job: Import, *, effect: str = "", after: int | None = None, before: int | None = None) -> Lines:
    """By line number, from the first one on unless told otherwise."""
    rows = ImportRow.objects.filter(job=job, effect=effect) if effect else ImportRow.objects.filter(job=job)
    if before:
        found = list(rows.filter(number__lt=before).order_by("-number")[: PAGE + 1])
        has_earlier, found = len(found) > PAGE, found[:PAGE][::-1]
        return Lines(effect, shown(job, found), found[0].number if found and has_earlier else 0, found[-1].number if found else before - 1)
    found = list(rows.filter(number__gt=after or 0).order_by("number")[: PAGE + 1])
    has_later, found = len(found) > PAGE, found[:PAGE]
    return Lines(effect, shown(job, found), found[0].number if found and after else 0, found[-1].number if has_later else 0)


def in_the_way(job: Import) -> list[Shown]:
    """Rows that could not be applied (or undone) now, MOST_CONFLICTS + 1 at most."""
    if job.state not in (Import.State.READY, Import.State.APPLIED):
        return []
    found = dict(conflicts(job, undo=job.state == Import.State.APPLIED, most=MOST_CONFLICTS + 1))
    rows = ImportRow.objects.filter(job=job, number__in=found).order_by("number")
    return [Shown(row, {}, str(WHY[found[row.number]])) for row in rows]


def shown(job: Import, rows: Sequence[ImportRow]) -> list[Shown]:
    """With every value in words, asked for all rows at once."""
    words = _Words(job, rows)
    page = "catalog_product" if job.kind == Import.Kind.PRODUCTS else "offer"
    return [Shown(row, words.changes(row), row.problem, reverse(page, args=[row.target_id]) if row.target_id else "") for row in rows]


class _Words:
    def __init__(self, job: Import, rows: Sequence[ImportRow]) -> None:
        sides = [side for row in rows for side in (row.before, row.after) if side]
        self.labels = {
            field.name: str(field.verbose_name) for field in (Product if job.kind == Import.Kind.PRODUCTS else Offer)._meta.concrete_fields
        }
        # In the order of the file's columns: JSON keeps none.
        self.order = [*(column.field for column in columns_of(job.kind) if column.field), "active_offers", "held_price"]
        if job.kind == Import.Kind.OFFERS:
            self.order.insert(2, "product_id")
        self.labels |= {"product_id": _("product"), "store_id": _("store"), "active_offers": _("active offers")}
        self.products = dict(Product.objects.filter(pk__in={side.get("product_id") for side in sides} - {None}).values_list("pk", "name"))
        self.stores = dict(Store.objects.filter(pk__in={side.get("store_id") for side in sides} - {None}).values_list("pk", "name"))
        targets = [row.target_id for row in rows if row.target_id] if job.kind == Import.Kind.OFFERS else []
        self.currencies = dict(Offer.objects.filter(pk__in=targets).values_list("pk", "currency")) if targets else {}

    def changes(self, row: ImportRow) -> dict[str, tuple[str | None, str | None]]:
        before, after = row.before or {}, row.after or {}
        is_new = row.effect == Effect.NEW
        fields = [name for name in self.order if name in after and (not is_new or after[name] not in (None, ""))]
        return {self.labels.get(name, name): (None if is_new else self._said(row, name, before), self._said(row, name, after)) for name in fields}

    def _said(self, row: ImportRow, name: str, side: dict[str, Any]) -> str | None:
        value = side.get(name)
        if value is None or value == "":
            return None
        if name in _MONEY:
            return in_words(name, value, side.get("currency") or self.currencies.get(row.target_id or 0, "BRL"))
        if name == "product_id":
            return f"{self.products.get(value, '?')} (#{value})"
        if name == "store_id":
            return str(self.stores.get(value, f"#{value}"))
        if name == "availability":
            return str(dict(Availability.choices).get(value, value))
        return str(dict(Status.choices).get(value, value)) if name == "status" else str(value)

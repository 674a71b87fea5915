"""What is to be written, as a set: the rows of an import as (from, to) pairs. To undo is to write the same set the other way round."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Import

Text = str | Promise

# `held_price` is settled by an import and stays so; how many offers go with a product is found anew.
_APPLY = """
    SELECT number, target_id, COALESCE(version, 0) AS version, COALESCE(before, '{}') AS old, after AS new, effect = 'new' AS is_new, label
    FROM catalog_import_rows WHERE import_id = %(import)s AND effect IN ('new', 'changed')
"""
_UNDO = """
    SELECT number, target_id, CASE WHEN effect = 'new' THEN 1 ELSE version + 1 END AS version,
           CASE WHEN effect = 'new' THEN '{"status": "active"}'::jsonb || {new_offers} ELSE after - 'held_price' END AS old,
           CASE WHEN effect = 'new' THEN '{"status": "archived"}'::jsonb || {new_offers} ELSE before - 'held_price' END AS new,
           false AS is_new, label
    FROM catalog_import_rows WHERE import_id = %(import)s AND (effect = 'changed' OR (effect = 'new' AND after ->> 'status' = 'active'))
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of thing is written: its table, its columns with their types, and what stands in the way of a row."""

    table: str
    columns: dict[str, str]
    current: str
    in_the_way: dict[str, str]


# A product's own row, and how many active offers it has where that is part of what was shown.
PRODUCTS = Kind(
    "products",
    {"name": "text", "brand": "text", "category": "text", "gtin": "text", "image_url": "text", "status": "text"},
    """jsonb_build_object('name', t.name, 'brand', t.brand, 'category', t.category, 'gtin', t.gtin, 'image_url', t.image_url, 'status', t.status,
        'active_offers', CASE WHEN w.old ? 'active_offers' THEN (SELECT count(*) FROM offers a WHERE a.product_id = t.id AND a.status = 'active') END)""",
    {
        "gtin_taken": """w.new ->> 'gtin' IS NOT NULL
            AND EXISTS (SELECT FROM products x WHERE x.gtin = w.new ->> 'gtin' AND x.id IS DISTINCT FROM w.target_id)""",
    },
)
OFFERS = Kind(
    "offers",
    {
        "product_id": "bigint", "store_id": "bigint", "url": "text", "sku": "text", "title": "text", "currency": "text", "price": "bigint",
        "list_price": "bigint", "availability": "text", "status": "text",
    },
    """jsonb_build_object('product_id', t.product_id, 'store_id', t.store_id, 'url', t.url, 'sku', t.sku, 'title', t.title, 'currency', t.currency,
        'price', t.price, 'list_price', t.list_price, 'availability', t.availability, 'status', t.status, 'held_price', t.held_price)""",
    {
        "url_taken": "w.new ? 'url' AND EXISTS (SELECT FROM offers x WHERE x.url = w.new ->> 'url' AND x.id IS DISTINCT FROM w.target_id)",
        "product_archived": """w.new ?| array['product_id', 'status'] AND COALESCE(w.new ->> 'status', t.status) = 'active' AND EXISTS (
            SELECT FROM products p WHERE p.id = COALESCE((w.new ->> 'product_id')::bigint, t.product_id) AND p.status = 'archived')""",
        "overridden": """w.new ? 'currency' AND NOT w.is_new AND EXISTS (SELECT FROM offer_overrides v WHERE v.offer_id = t.id AND v.ended_at IS NULL
            AND (v.expires_at IS NULL OR v.expires_at > now()) AND v.field IN ('price', 'list_price'))""",
    },
)  # fmt: skip

WHY: dict[str, Text] = {
    "changed": _("it was changed since"),
    "gtin_taken": _("its GTIN belongs to another product by now"),
    "url_taken": _("its address belongs to another offer by now"),
    "product_archived": _("its product is archived by now"),
    "overridden": _("a price was overridden in its currency"),
}


def kind_of(job: Import) -> Kind:
    return PRODUCTS if job.kind == Import.Kind.PRODUCTS else OFFERS


def selection(job: Import, *, undo: bool) -> str:
    """SQL: number, target_id, version, old, new, is_new, label of every row that is to be written. Takes %(import)s."""
    new_offers = """'{"active_offers": 0}'::jsonb""" if job.kind == Import.Kind.PRODUCTS else "'{}'::jsonb"
    return _UNDO.replace("{new_offers}", new_offers) if undo else _APPLY


def conflicts_in(kind: Kind, source: str) -> str:
    """SQL: number, why, of the rows of `source` that can't be written any more as they were shown."""
    cases = " ".join(f"WHEN {condition} THEN '{why}'" for why, condition in kind.in_the_way.items())
    return f"""
        SELECT number, why FROM (
            SELECT w.number, CASE
                WHEN NOT w.is_new AND (t.id IS NULL OR t.version <> w.version OR NOT {kind.current} @> w.old) THEN 'changed' {cases} END AS why
            FROM {source} w LEFT JOIN {kind.table} t ON t.id = w.target_id
        ) judged WHERE why IS NOT NULL
    """  # noqa: S608


def conflicts(job: Import, *, undo: bool, most: int) -> list[tuple[int, str]]:
    """(line, why) of rows that stand in the way now, `most` at most, in the file's order. Keys of WHY."""
    sql = f"{conflicts_in(kind_of(job), f'({selection(job, undo=undo)})')} ORDER BY number LIMIT %(most)s"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"import": job.pk, "most": most})
        found: list[Any] = cursor.fetchall()
    return [(number, why) for number, why in found]

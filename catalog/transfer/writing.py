"""A whole import in one transaction and a fixed number of statements, whatever its size: lock, compare, write, append prices, record."""

from typing import Any

from django.db import connection

from audit.actions import row_from, row_values
from audit.actors import Actor
from catalog.action_types import CatalogAction
from catalog.models import Import, PriceSource
from catalog.transfer.said import CHANGES, currency_digits
from catalog.transfer.work import PRODUCTS, Kind, conflicts_in, kind_of, selection

# Milliseconds. A statement over 50,000 rows takes seconds; somebody's edit that is in the way, less than one.
_LIMITS = "SELECT set_config('statement_timeout', '300000', true), set_config('lock_timeout', '30000', true)"
_MAKE = "CREATE TEMPORARY TABLE import_work ON COMMIT DROP AS SELECT *, '{{}}'::text[] AS overridden FROM ({selection}) s"
_LOCK_PRODUCTS = """
    SELECT count(*) FROM (
        SELECT 1 FROM products WHERE id IN (
            SELECT COALESCE((w.new ->> 'product_id')::bigint, t.product_id) FROM import_work w LEFT JOIN offers t ON t.id = w.target_id
            WHERE w.new ?| array['product_id', 'status'])
        ORDER BY id FOR SHARE) locked
"""
_LOCK = "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE id IN (SELECT target_id FROM import_work) ORDER BY id FOR NO KEY UPDATE) locked"
_NUMBER = "UPDATE import_work SET target_id = nextval(pg_get_serial_sequence('{table}', 'id')) WHERE is_new"
_TELL = (
    "UPDATE catalog_import_rows r SET target_id = w.target_id FROM import_work w WHERE w.is_new AND r.import_id = %(import)s AND r.number = w.number"
)
_OVERRIDDEN = """
    UPDATE import_work w SET overridden = v.fields FROM (
        SELECT offer_id, array_agg(field::text) AS fields FROM offer_overrides
        WHERE ended_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND offer_id IN (SELECT target_id FROM import_work) GROUP BY offer_id) v
    WHERE v.offer_id = w.target_id
"""
# What is shown has changed only where no override stands over it.
_SHOWN = "CASE WHEN w.new - w.overridden - 'held_price' = '{}' THEN t.updated_at ELSE %(at)s END"
# A price that waits is settled, and the page is read anew at the next look, modified or not.
_HELD = """, held_price = CASE WHEN {p} THEN NULL ELSE t.held_price END, held_list_price = CASE WHEN {p} THEN NULL ELSE t.held_list_price END,
    held_at = CASE WHEN {p} THEN NULL ELSE t.held_at END, dismissed_price = CASE WHEN {p} THEN NULL ELSE t.dismissed_price END,
    etag = CASE WHEN {unread} THEN '' ELSE t.etag END, last_modified = CASE WHEN {unread} THEN '' ELSE t.last_modified END"""
# Before an UPDATE takes them as they lie: everybody else locks several offers by number.
_LOCK_OFFERS = """
    SELECT count(*) FROM (
        SELECT 1 FROM offers WHERE product_id IN (SELECT target_id FROM import_work w WHERE NOT w.is_new AND w.new ? 'status')
        ORDER BY id FOR NO KEY UPDATE) locked
"""
_OFFERS_AWAY = """
    UPDATE offers o SET status = 'archived', version = o.version + 1, updated_at = %(at)s FROM import_work w
    WHERE NOT w.is_new AND w.new ->> 'status' = 'archived' AND w.old ->> 'status' = 'active' AND o.product_id = w.target_id AND o.status = 'active'
"""
# Those that went in the same act, which the same moment tells; before the product gets a new one.
_OFFERS_BACK = """
    UPDATE offers o SET status = 'active', version = o.version + 1, updated_at = %(at)s FROM import_work w JOIN products p ON p.id = w.target_id
    WHERE NOT w.is_new AND w.new ->> 'status' = 'active' AND w.old ->> 'status' = 'archived'
        AND o.product_id = p.id AND o.status = 'archived' AND o.updated_at = p.updated_at
"""
_PRICES = """
    INSERT INTO offer_price_history (offer_id, at, price, list_price, currency, availability, source, held, by)
    SELECT t.id, %(at)s, t.price, t.list_price, t.currency, t.availability, %(source)s, false, %(by)s
    FROM import_work w JOIN offers t ON t.id = w.target_id
    WHERE t.price IS NOT NULL AND w.new ?| array['price', 'list_price', 'availability', 'currency'] ORDER BY w.number
"""


class Writing:
    """Steps of one transaction. After check() nothing in the way can come up any more, except what a unique index finds."""

    def __init__(self, job: Import, *, undo: bool) -> None:
        self.job, self.undo, self.kind = job, undo, kind_of(job)
        self.at: Any = None

    def prepare(self) -> None:
        """Gather the rows, and lock what they write, products before offers, each in order, as everybody does."""
        self._do(_LIMITS)
        self._do("DROP TABLE IF EXISTS pg_temp.import_work")
        self._do(_MAKE.format(selection=selection(self.job, undo=self.undo)))
        self._do("ANALYZE import_work")
        if self.kind is not PRODUCTS:
            self._do(_LOCK_PRODUCTS)
        self._do(_LOCK.format(table=self.kind.table))
        if self.kind is PRODUCTS:
            self._do(_LOCK_OFFERS)
        # After the locks: nobody's row of the history is older and says so of a later moment.
        self.at = self._do("SELECT clock_timestamp()")[0][0]

    def conflicts(self) -> list[tuple[int, str]]:
        """(line, why) of the rows that are not any more as they were shown."""
        return [(number, why) for number, why in self._do(conflicts_in(self.kind, "import_work") + " ORDER BY number")]

    def leave_out(self, numbers: list[int]) -> None:
        self._do("DELETE FROM import_work WHERE number = ANY(%(numbers)s)", numbers=numbers)

    def write(self, actor: Actor, reason: str) -> int:
        """Returns how many things were written."""
        if self.kind is PRODUCTS:
            self._do(_OFFERS_AWAY)
            self._do(_OFFERS_BACK)
        else:
            self._do(_OVERRIDDEN)
        self._do(_NUMBER.format(table=self.kind.table))
        self._do(_TELL)
        self._do(_update(self.kind))
        self._do(_insert(self.kind))
        if self.kind is not PRODUCTS:
            self._do(_PRICES, source=PriceSource.IMPORT.value, by=str(self.job.pk))
        self._record(actor, reason)
        return int(self._do("SELECT count(*) FROM import_work")[0][0])

    def _record(self, actor: Actor, reason: str) -> None:
        is_product = self.kind is PRODUCTS
        said = row_values(actor=actor, action_type=CatalogAction.UPSERT_PRODUCT if is_product else CatalogAction.UPSERT_OFFER, reason=reason)
        rows = row_from(
            "import_work w ORDER BY w.number", entity_type="product" if is_product else "offer", entity_id="w.target_id::text", entity_label="w.label",
            changes=CHANGES,
        )  # fmt: skip
        self._do(rows, digits=currency_digits(), **said)

    def _do(self, sql: str, **values: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"import": self.job.pk, "at": self.at, **values})
            return cursor.fetchall() if cursor.description else []


def _update(kind: Kind) -> str:
    columns = ", ".join(
        f"{name} = CASE WHEN w.new ? '{name}' THEN (w.new ->> '{name}')::{kind_type} ELSE t.{name} END" for name, kind_type in kind.columns.items()
    )
    held = (
        ""
        if kind is PRODUCTS
        else _HELD.format(
            p="w.new ?| array['url', 'currency', 'price', 'list_price']",
            unread="w.new ?| array['url', 'currency', 'price', 'list_price', 'availability']",
        )
    )
    shown = "%(at)s" if kind is PRODUCTS else _SHOWN
    return f"""
        UPDATE {kind.table} t SET {columns}{held}, version = t.version + 1, updated_at = {shown}
        FROM import_work w WHERE NOT w.is_new AND t.id = w.target_id
    """  # noqa: S608


def _insert(kind: Kind) -> str:
    names = ", ".join(kind.columns)
    values = ", ".join(f"(w.new ->> '{name}')::{kind_type}" for name, kind_type in kind.columns.items())
    return f"""
        INSERT INTO {kind.table} (id, {names}, version, created_at, updated_at)
        SELECT w.target_id, {values}, 1, %(at)s, %(at)s FROM import_work w WHERE w.is_new ORDER BY w.number
    """  # noqa: S608

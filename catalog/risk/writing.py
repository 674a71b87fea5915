"""The risk of many offers, written onto them. Set by set: the queries are as many for one offer as for a thousand."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction

from catalog.queries.risk import is_frozen
from catalog.risk.gathering import facts_of
from catalog.risk.score import as_json, judge
from opsportal import clock

# (bucket before, bucket now)
Move = tuple[str, str]

AT_ONCE = 500
# Of the other offers of the same products; the job does the rest within the hour.
MOST_SIBLINGS = 500

# Always by number, as everybody who writes several offers: nobody waits in a circle.
_LOCK = "SELECT id, bucket FROM offers WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_WRITE = """
    UPDATE offers o SET risk_score = r.score, bucket = r.bucket, risk_reasons = r.reasons, risk_at = %(now)s,
        median_30 = r.median_30, median_90 = r.median_90,
        -- The bucket is shown; the moment of an archived offer tells which ones come back with their product.
        updated_at = CASE WHEN o.bucket <> r.bucket AND o.status = 'active' THEN GREATEST(o.updated_at, %(now)s) ELSE o.updated_at END
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS r (id bigint, score smallint, bucket text, reasons jsonb, median_30 bigint, median_90 bigint)
    WHERE o.id = r.id
"""
_SIBLINGS = """
    SELECT s.id FROM offers s WHERE s.status = 'active' AND s.id <> ALL(%(ids)s)
        AND s.product_id IN (SELECT product_id FROM offers WHERE id = ANY(%(ids)s)) ORDER BY s.id LIMIT %(most)s
"""
_OF_PRODUCTS = "SELECT id FROM offers WHERE status = 'active' AND product_id = ANY(%(ids)s) ORDER BY id LIMIT %(most)s"


def recalculate(offer_ids: Iterable[int]) -> int:
    """Score the offers anew from what is shown now, in the caller's transaction; how many there were. Nothing while risk is frozen.

    The other offers of their products are compared with them, so those follow when the transaction has been committed, in one of their
    own: to lock them here could end in a circle. No audit: it belongs to the act that called for it.
    """
    numbers = sorted(set(offer_ids))
    if not numbers or is_frozen():
        return 0
    with transaction.atomic(savepoint=False):
        done = sum(calculate(numbers[start : start + AT_ONCE]).total() for start in range(0, len(numbers), AT_ONCE))
        transaction.on_commit(partial(_calculate_found, _SIBLINGS, numbers), robust=True)
    return done


def recalculate_products(product_ids: Iterable[int]) -> None:
    """For an offer that has left its product: those that it was compared with, when the transaction has been committed. Nothing while
    risk is frozen."""
    if not is_frozen():
        transaction.on_commit(partial(_calculate_found, _OF_PRODUCTS, list(product_ids)), robust=True)


def _calculate_found(sql: str, numbers: Sequence[int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, {"ids": list(numbers), "most": MOST_SIBLINGS})
        calculate([number for (number,) in cursor.fetchall()])


def calculate(numbers: Sequence[int]) -> Counter[Move]:
    """Whether risk is frozen or not, in the caller's transaction: how many offers came from which bucket into which.

    The lock is a statement of its own: what is read after it is what everybody before has committed.
    """
    if not numbers:
        return Counter()
    now = clock.now()
    rows: list[dict[str, Any]] = []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(numbers)])
        before = dict(cursor.fetchall())
        for number, facts in facts_of(numbers, now):
            risk, usual = judge(facts, now)
            rows.append(
                {
                    "id": number, "score": risk.score, "bucket": risk.bucket, "reasons": as_json(risk.reasons),
                    "median_30": usual.median30, "median_90": usual.median90,
                }
            )  # fmt: skip
        cursor.execute(_WRITE, {"now": now, "rows": json.dumps(rows)})
    return Counter((before[row["id"]], row["bucket"]) for row in rows)

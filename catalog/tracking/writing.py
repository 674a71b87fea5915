"""A batch of readings in one statement: lock, judge, update, append to the history. Takes part in the caller's transaction."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.db import connection


class Finding(NamedTuple):
    """What looking at an offer's page brought. With `code` it failed, and no price counts; `not_modified`: the price known is still right.

    Prices in minor units. `source` is a PriceSource.
    """

    offer_id: int
    code: str = ""
    error: str = ""
    not_modified: bool = False
    price: int | None = None
    list_price: int | None = None
    currency: str = ""
    availability: str = "unknown"
    source: str = "tracker"
    etag: str = ""
    last_modified: str = ""


class Outcome(StrEnum):
    """HELD: too far from the tracked price; it waits for a person. DISMISSED: a person has called it wrong, and the page still says so.
    CURRENCY: another one than the offer's; refused."""

    SAME = "same"
    CHANGED = "changed"
    HELD = "held"
    DISMISSED = "dismissed"
    CURRENCY = "currency"
    FAILED = "failed"


class Written(NamedTuple):
    """`shown`: whether it changed what people see, an override notwithstanding."""

    offer_id: int
    outcome: Outcome
    shown: bool


_WRITE = """
    WITH found AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(codes)s::text[], %(errors)s::text[], %(kept)s::bool[], %(prices)s::bigint[], %(lists)s::bigint[],
            %(currencies)s::text[], %(stocks)s::text[], %(sources)s::text[], %(etags)s::text[], %(modified)s::text[])
            AS f(id, code, error, kept, price, list_price, currency, availability, source, etag, last_modified)),
    locked AS (
        SELECT o.id, o.price, o.list_price, o.availability, o.currency, o.held_price, o.dismissed_price, o.status FROM offers o
        WHERE o.id = ANY(%(ids)s) ORDER BY o.id FOR NO KEY UPDATE),
    -- After the locks: whoever was waited for has written an earlier moment into the history.
    moment AS (SELECT clock_timestamp() AS at FROM (SELECT count(*) FROM locked) AS all_of_them),
    judged AS (
        SELECT f.*, (SELECT at FROM moment) AS at, l.price AS old_price, l.held_price, l.dismissed_price, l.currency AS old_currency,
            CASE WHEN f.code <> '' THEN 'failed'
                 WHEN f.kept THEN 'same'
                 WHEN f.currency <> l.currency THEN 'currency'
                 WHEN abs(f.price - l.price) * 100 > l.price * %(percent)s THEN CASE f.price WHEN l.dismissed_price THEN 'dismissed' ELSE 'held' END
                 WHEN (f.price, f.list_price, f.availability) IS DISTINCT FROM (l.price, l.list_price, l.availability) THEN 'changed'
                 ELSE 'same' END AS outcome,
            l.status = 'active' AND ((f.price IS DISTINCT FROM l.price AND NOT 'price' = ANY(fields))
                OR (f.list_price IS DISTINCT FROM l.list_price AND NOT 'list_price' = ANY(fields))
                OR (f.availability <> l.availability AND NOT 'availability' = ANY(fields))) AS shows
        FROM found f JOIN locked l USING (id) CROSS JOIN LATERAL (
            SELECT ARRAY(SELECT field::text FROM offer_overrides v WHERE v.offer_id = l.id AND v.ended_at IS NULL
                         AND (v.expires_at IS NULL OR v.expires_at > now())) AS fields) covered),
    written AS (
        UPDATE offers o SET
            checked_at = j.at,
            confirmed_at = CASE WHEN outcome IN ('same', 'changed') AND NOT (j.kept AND COALESCE(j.held_price, j.dismissed_price) IS NOT NULL) THEN j.at ELSE o.confirmed_at END,
            failures = CASE WHEN outcome IN ('failed', 'currency') THEN o.failures + 1 ELSE 0 END,
            error_code = CASE outcome WHEN 'failed' THEN j.code WHEN 'currency' THEN 'currency' ELSE '' END,
            error = CASE outcome WHEN 'failed' THEN left(j.error, 300)
                WHEN 'currency' THEN format('The page says %%s, the offer is in %%s.', j.currency, j.old_currency) ELSE '' END,
            price = CASE outcome WHEN 'changed' THEN j.price ELSE o.price END,
            list_price = CASE outcome WHEN 'changed' THEN j.list_price ELSE o.list_price END,
            availability = CASE outcome WHEN 'changed' THEN j.availability ELSE o.availability END,
            held_price = CASE WHEN outcome = 'held' THEN j.price WHEN outcome IN ('failed', 'currency') OR j.kept THEN o.held_price END,
            held_list_price = CASE WHEN outcome = 'held' THEN j.list_price WHEN outcome IN ('failed', 'currency') OR j.kept THEN o.held_list_price END,
            held_at = CASE WHEN outcome = 'held' THEN COALESCE(o.held_at, j.at) WHEN outcome IN ('failed', 'currency') OR j.kept THEN o.held_at END,
            dismissed_price = CASE WHEN outcome IN ('dismissed', 'failed', 'currency') OR j.kept THEN o.dismissed_price END,
            updated_at = CASE WHEN outcome = 'changed' AND shows THEN j.at ELSE o.updated_at END,
            etag = CASE WHEN j.kept OR outcome IN ('failed', 'currency') THEN o.etag ELSE j.etag END,
            last_modified = CASE WHEN j.kept OR outcome IN ('failed', 'currency') THEN o.last_modified ELSE j.last_modified END
        FROM judged j WHERE o.id = j.id),
    appended AS (
        INSERT INTO offer_price_history (offer_id, at, price, list_price, currency, availability, source, held)
        SELECT id, at, price, list_price, currency, availability, source, outcome = 'held' FROM judged
        WHERE outcome = 'changed' OR (outcome = 'held' AND held_price IS DISTINCT FROM price))
    SELECT id, outcome, outcome = 'changed' AND shows FROM judged ORDER BY id
"""


def write_findings(findings: Sequence[Finding]) -> list[Written]:
    """One for each offer that exists, by its number; an offer may be found once at a time. Leaves versions and overrides alone.

    A reading is held when it is more than OPS_SUSPICIOUS_PERCENT away from the tracked price. It stays held until a person
    decides, or until the page says something believable again; one that was dismissed is not held again while the page keeps saying it.
    """
    if not findings:
        return []
    columns = list(zip(*findings, strict=True))
    names = ("ids", "codes", "errors", "kept", "prices", "lists", "currencies", "stocks", "sources", "etags", "modified")
    values = {name: list(column) for name, column in zip(names, columns, strict=True)}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {**values, "percent": settings.OPS_SUSPICIOUS_PERCENT})
        return [Written(number, Outcome(outcome), shown) for number, outcome, shown in cursor.fetchall()]

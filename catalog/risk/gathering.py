"""The facts of many offers at once: three queries, however many there are."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg
from django.db import connection

from catalog.risk.facts import OfferFacts
from catalog.risk.thresholds import DEFAULT

# As far back as any rule looks: a reduction, before it a list price that was raised, before that what was usual.
REACH = timedelta(days=DEFAULT.reduction_days + DEFAULT.list_raised_gone_days + DEFAULT.base_days)

# What is shown, with the reason of the override that says most about it.
_OFFERS = """
    SELECT o.id, o.product_id, s.price, s.list_price, o.currency, s.availability, o.confirmed_at, s.is_overridden,
        CASE WHEN s.is_overridden THEN (
            SELECT v.reason FROM offer_overrides v
            WHERE v.offer_id = o.id AND v.ended_at IS NULL AND (v.expires_at IS NULL OR v.expires_at > now())
            ORDER BY array_position(ARRAY['price', 'list_price', 'availability'], v.field::text) LIMIT 1) END,
        o.held_price, o.error_code = 'currency'
    FROM offers o JOIN offers_shown s ON s.offer_id = o.id
    WHERE o.id = ANY(%(ids)s) AND s.offer_id = ANY(%(ids)s) ORDER BY o.id
"""
# Prices in another currency than the offer's are another story. The last point before is what held when the time began.
_HISTORY = """
    SELECT * FROM (
        SELECT p.offer_id, p.at, p.price, p.list_price, p.held, p.id
        FROM offers o JOIN offer_price_history p ON p.offer_id = o.id
        WHERE o.id = ANY(%(ids)s) AND p.at > %(since)s AND p.currency = o.currency
        UNION ALL
        SELECT o.id, l.* FROM offers o CROSS JOIN LATERAL (
            SELECT p.at, p.price, p.list_price, p.held, p.id FROM offer_price_history p
            WHERE p.offer_id = o.id AND p.at <= %(since)s AND p.currency = o.currency AND NOT p.held
            ORDER BY p.at DESC, p.id DESC LIMIT 1) l
        WHERE o.id = ANY(%(ids)s)) points
    ORDER BY offer_id, at, id
"""
# Offers of the same products that have a price; what cannot be bought says nothing of the market, but is a source.
_OTHERS = """
    SELECT s.product_id, s.currency, s.offer_id, t.name, s.price, s.availability NOT IN ('out_of_stock', 'discontinued')
    FROM offers_shown s JOIN stores t ON t.id = s.store_id
    WHERE s.product_id = ANY(%(products)s) AND s.status = 'active' AND s.price IS NOT NULL ORDER BY s.product_id, s.currency, s.offer_id
"""
FIRST, MARKET = itemgetter(0), itemgetter(0, 1)


def facts_of(offer_ids: Sequence[int], now: datetime) -> Iterator[tuple[int, OfferFacts]]:
    """By the offers' numbers; one that does not exist is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, {"ids": list(offer_ids)})
        offers = cursor.fetchall()
        points = fetched_in_binary(_HISTORY, {"ids": list(offer_ids), "since": now - REACH})
        history = {offer: [point[1:5] for point in some] for offer, some in groupby(points, FIRST)}
        cursor.execute(_OTHERS, {"products": list({row[1] for row in offers})})
        markets = {market: list(rows) for market, rows in groupby(cursor.fetchall(), MARKET)}
    for row in offers:
        yield row[0], _facts(row, history.get(row[0], []), markets.get((row[1], row[4]), []))


def fetched_in_binary(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """All rows. Moments as text are parsed in Python, and there are millions of them: that took a third of the whole."""
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bare: Any = psycopg.Cursor(raw)
    bare.format = psycopg.pq.Format.BINARY
    with wrap(bare) as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _facts(row: tuple[Any, ...], history: list[tuple[Any, ...]], market: list[tuple[Any, ...]]) -> OfferFacts:
    number, _product, price, list_price, currency, availability, confirmed_at, is_overridden, why, held_price, currency_changed = row
    others = [other for other in market if other[2] != number]
    return OfferFacts(
        price=price,
        list_price=list_price,
        currency=currency,
        availability=availability,
        confirmed_at=confirmed_at,
        override_active=is_overridden,
        override_reason=why or "",
        sources=len(others) + 1,
        other_prices=tuple((store, asked) for _product, _currency, _number, store, asked, is_sold in others if is_sold),
        history=history,
        held_price=held_price,
        currency_changed=currency_changed,
    )

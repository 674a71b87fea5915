"""An import's changes in the words of the audit log, the same that the acts of people leave: names for numbers, “64.90 BRL” for minor units."""

import json
from functools import cache

from babel.numbers import list_currencies

from opsportal import money


@cache
def currency_digits() -> str:
    """JSON: the currencies that don't have two decimal places."""
    digits = {code: money.digits(code) for code in list_currencies()}
    return json.dumps({code: places for code, places in digits.items() if places != 2})


def _amount(value: str, currency: str) -> str:
    places = f"COALESCE((%(digits)s::jsonb ->> ({currency}))::int, 2)"
    return f"trunc(({value})::numeric / power(10::numeric, {places}), {places})::text || ' ' || ({currency})"


def _said(side: str) -> str:
    """What stands on one side of a change, as a text; NULL where there is nothing."""
    # Only a row that changes the currency says it; the others have the offer's.
    currency = f"COALESCE(w.{side} ->> 'currency', (SELECT o.currency FROM offers o WHERE o.id = w.target_id))"  # noqa: S608
    return f"""CASE
        WHEN w.{side} ->> f.key IS NULL OR (w.is_new AND w.{side} ->> f.key = '') THEN NULL
        WHEN f.key = 'product_id' THEN (SELECT to_jsonb(p.name) FROM products p WHERE p.id = (w.{side} ->> f.key)::bigint)
        WHEN f.key = 'store_id' THEN (SELECT to_jsonb(s.name) FROM stores s WHERE s.id = (w.{side} ->> f.key)::bigint)
        WHEN f.key IN ('price', 'list_price', 'held_price') THEN to_jsonb({_amount(f"w.{side} ->> f.key", currency)})
        ELSE w.{side} -> f.key END"""  # noqa: S608


# A tracked value under an override is called so, because it is not what is shown.
CHANGES = f"""(
    SELECT jsonb_object_agg(name, jsonb_build_array(before, after)) || jsonb_build_object(
        'version', jsonb_build_array(CASE WHEN NOT w.is_new THEN w.version END, CASE WHEN w.is_new THEN 1 ELSE w.version + 1 END))
    FROM (
        SELECT CASE WHEN f.key = ANY(w.overridden) THEN 'tracked_' || f.key WHEN f.key IN ('product_id', 'store_id') THEN left(f.key, -3) ELSE f.key END AS name,
               {_said("old")} AS before, {_said("new")} AS after
        FROM jsonb_object_keys(w.new) AS f (key)
    ) pairs WHERE NOT w.is_new OR after IS NOT NULL)"""  # noqa: S608

"""What one change of a household's wishes would bring. Every figure is counted: among the offers that only this wish keeps away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, log10
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from catalog.models import Profile
from opsportal import money

# How far a highest price is raised: nobody who looks for something at R$ 200 wants it at R$ 2,000.
RAISES = (1.25, 1.5, 1.75, 2.0)
MOST_SHOWN = 6
MOST_OF_A_WISH = 2

# Products that are not in the feed and have an offer that only one wish stops. Those that were bought stay away whatever is changed.
_MISSED = """
    WITH checked AS (
        SELECT *, bool_or(stopped_at IS NULL) OVER (PARTITION BY product_id) AS is_in_feed FROM fn_feed_checks(%(household)s)
        WHERE is_unbought AND (stopped_at IS NULL OR stopped_at IN ('category', 'store', 'currency', 'max_price', 'min_saving'))
    ), missed AS MATERIALIZED (
        SELECT * FROM checked
        WHERE NOT is_in_feed AND fits_category::int + fits_store::int + fits_currency::int + fits_price::int + fits_saving::int = 4
    )
    SELECT 'category', category, category, count(DISTINCT product_id), NULL::bigint[] FROM missed WHERE NOT fits_category GROUP BY category
    UNION ALL
    SELECT 'store', store_id::text, store, count(DISTINCT product_id), NULL FROM missed WHERE NOT fits_store GROUP BY store_id, store
    UNION ALL
    SELECT 'currency', currency, currency, count(DISTINCT product_id), NULL FROM missed WHERE NOT fits_currency GROUP BY currency
    UNION ALL
    SELECT 'max_price', '', '', count(*), array_agg(figure ORDER BY figure) FROM (
        SELECT min(price) AS figure FROM missed WHERE NOT fits_price GROUP BY product_id) AS p
    UNION ALL
    SELECT 'min_saving', '', '', count(*), array_agg(figure ORDER BY figure DESC) FROM (
        SELECT COALESCE(max(saving_percent), -1000)::bigint AS figure FROM missed WHERE NOT fits_saving GROUP BY product_id) AS s
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change of one wish, in words, and how many items it adds. `wishes` are the profile's fields as they would be."""

    words: str
    gain: int
    wishes: dict[str, Any] = field(default_factory=dict)


def suggestions(profile: Profile, household_id: UUID) -> list[Suggestion]:
    """The single changes that add something, the one that adds most first; of two that add as much, the smaller change."""
    with connection.cursor() as cursor:
        cursor.execute(_MISSED, {"household": household_id})
        rows = cursor.fetchall()
    found: dict[str, list[Suggestion]] = {}
    for wish, key, label, products, figures in rows:
        found.setdefault(wish, []).extend(one for one in _OF[wish](profile, key, label, products, figures or ()) if one.gain)
    return sorted((one for of_a_wish in found.values() for one in _foremost(of_a_wish)), key=lambda one: -one.gain)[:MOST_SHOWN]


def _foremost(found: list[Suggestion]) -> list[Suggestion]:
    """The best of one wish: twenty categories to add would hide the one store to take back."""
    return sorted(found, key=lambda one: -one.gain)[:MOST_OF_A_WISH]


def _category(profile: Profile, key: str, label: str, products: int, figures: Sequence[int]) -> Iterable[Suggestion]:
    words = _("Add the category “%(category)s”") % {"category": label or _("none")}
    yield Suggestion(words, products, {"categories": [*profile.categories, key]})


def _store(profile: Profile, key: str, label: str, products: int, figures: Sequence[int]) -> Iterable[Suggestion]:
    left = [pk for pk in profile.excluded_stores if pk != int(key)]
    yield Suggestion(_("Take back the exclusion of %(store)s") % {"store": label}, products, {"excluded_stores": left})


def _currency(profile: Profile, key: str, label: str, products: int, figures: Sequence[int]) -> Iterable[Suggestion]:
    # A highest price in one currency says nothing about another.
    if profile.max_price is None:
        yield Suggestion(_("Look at prices in %(other)s instead of %(currency)s") % {"other": label, "currency": profile.currency}, products, {"currency": key})  # fmt: skip


def _max_price(profile: Profile, key: str, label: str, products: int, figures: Sequence[int]) -> Iterable[Suggestion]:
    if profile.max_price is None:
        return
    steps = [_round(profile.max_price * raise_) for raise_ in RAISES]
    counts = [sum(figure <= step for figure in figures) for step in steps]
    for (before, gain), step in zip(pairwise([0, *counts]), steps, strict=True):
        if gain > before:
            amounts = {"now": money.in_words(profile.max_price, profile.currency), "then": money.in_words(step, profile.currency)}
            yield Suggestion(_("Raise the highest price from %(now)s to %(then)s") % amounts, gain, {"max_price": step})


def _min_saving(profile: Profile, key: str, label: str, products: int, figures: Sequence[int]) -> Iterable[Suggestion]:
    if profile.min_saving is None:
        return
    half = profile.min_saving // 2
    if half and (gain := sum(figure >= half for figure in figures)):
        yield Suggestion(_("Lower the least saving from %(now)d %% to %(then)d %%") % {"now": profile.min_saving, "then": half}, gain, {"min_saving": half})  # fmt: skip
    yield Suggestion(_("Ask for no least saving instead of %(now)d %%") % {"now": profile.min_saving}, products, {"min_saving": None})


_OF = {"category": _category, "store": _store, "currency": _currency, "max_price": _max_price, "min_saving": _min_saving}


def _round(amount: float) -> int:
    """Up to two significant digits, as people name prices: 23,737 is 24,000."""
    step = int(10 ** max(0, int(log10(amount)) - 1))
    return ceil(amount / step) * step

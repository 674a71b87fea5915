"""Prices over time. A price counts for as long as it stood, not for how often it was read."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

SECOND = timedelta(seconds=1)
DAY = 86_400

# A price under this share of the 90-day median that stood for less than a day is taken for a slip: nobody could rely on it.
GLITCH_SHARE = 0.4
GLITCH = DAY

# (since, until, price, list price): seconds before now, so never more than 0. Plain tuples: there are millions of them in one run.
Spell = tuple[int, int, int, int | None]
START, PRICE, WEIGHT = itemgetter(0), itemgetter(2), itemgetter(1)


class Medians(NamedTuple):
    """Minor units, each None without a price in its window."""

    median30: int | None
    median90: int | None
    low30: int | None
    low90: int | None


def spells(history: Iterable[Sequence[Any]], now: datetime) -> list[Spell]:
    """The stretches in which one price stood, oldest first, the last one until now. The order of the points is of no account; points
    that were held, that lie ahead or that are no price (0 or less) are left out; the last of several at one moment holds."""
    points = [point for point in history if not point[3] and point[1] > 0 and point[0] <= now]
    if any(one[0] >= two[0] for one, two in pairwise(points)):
        points.sort(key=lambda point: (point[0], point[1], point[2] or 0))
    edges = [(point[0] - now) // SECOND for point in points]
    edges.append(0)
    found: list[Spell] = []
    for index, (_at, price, list_price, _held) in enumerate(points):
        since, until = edges[index], edges[index + 1]
        if since == until and index < len(points) - 1:
            continue
        if found and found[-1][2] == price and found[-1][3] == list_price:
            found[-1] = (found[-1][0], until, price, list_price)
        else:
            found.append((since, until, price, list_price))
    return found


def span(stretches: Sequence[Spell], since: int, until: int) -> tuple[int, int]:
    """The first spell that reaches into the window, and the one after the last."""
    first = bisect_left(stretches, since, key=START)
    if first and stretches[first - 1][1] > since:
        first -= 1
    return first, bisect_left(stretches, until, key=START)


def window(stretches: Sequence[Spell], since: int, until: int = 0) -> list[Spell]:
    """The spells of the window, the first and the last cut off at its edges. A price of this very second counts if there is no other."""
    first, after = span(stretches, since, until)
    parts = list(stretches[first:after])
    if not parts:
        return list(stretches[-1:]) if until == 0 else []
    if parts[-1][1] > until:
        parts[-1] = (parts[-1][0], until, *parts[-1][2:])
    if parts[0][0] < since:
        parts[0] = (since, *parts[0][1:])
    return parts


def length(parts: Sequence[Spell]) -> int:
    """Seconds from the start of the first to the end of the last: spells leave no gaps."""
    return parts[-1][1] - parts[0][0] if parts else 0


def middle(values: Iterable[tuple[int, int]]) -> int | None:
    """The weighted median of (value, weight): the smallest value that at least half of the weight does not exceed. None of nothing."""
    ordered = sorted(values)
    total = sum(map(WEIGHT, ordered))
    seen = 0
    for value, weight in ordered:
        seen += weight
        if seen * 2 >= total:
            return value
    return None


def median(stretches: Sequence[Spell], since: int, until: int = 0) -> int | None:
    """The price that stood in the middle of the window's time."""
    return middle([(price, end - start) for start, end, price, _list in window(stretches, since, until)])


def deviation(stretches: Sequence[Spell], since: int, center: int) -> int:
    """The median absolute deviation (MAD) from `center`, by time."""
    return middle([(abs(price - center), end - start) for start, end, price, _list in window(stretches, since)]) or 0


def low(stretches: Sequence[Spell], since: int, until: int, usual: int | None) -> int | None:
    """The lowest price of the window. Slips are left out, by `usual`, the 90-day median."""
    first, after = span(stretches, since, until)
    lowest = min(map(PRICE, stretches[first:after]), default=None)
    floor = (usual or 0) * GLITCH_SHARE
    if lowest is None or lowest >= floor:
        return lowest
    return min((price for start, end, price, _list in stretches[first:after] if price >= floor or end - start >= GLITCH), default=None)


def low_until_now(stretches: Sequence[Spell], since: int, usual: int | None) -> int | None:
    """The same up to now, and the price of now is never a slip."""
    if not stretches:
        return None
    before, last = low(stretches, since, 0, usual), stretches[-1][2]
    return last if before is None else min(before, last)


def medians(history: Iterable[Sequence[Any]], now: datetime) -> Medians:
    """The usual and the lowest price of the last 30 and 90 days as of `now`; later points are left out, so it answers for the past too."""
    return medians_of(spells(history, now))


def medians_of(stretches: Sequence[Spell]) -> Medians:
    usual = median(stretches, -90 * DAY)
    return Medians(
        median30=median(stretches, -30 * DAY),
        median90=usual,
        low30=low_until_now(stretches, -30 * DAY, usual),
        low90=low_until_now(stretches, -90 * DAY, usual),
    )

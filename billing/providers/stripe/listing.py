"""Stripe's own list of what happened, of the last 30 days. https://docs.stripe.com/api/events/list"""

import json
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from billing.providers.asking import endless, understood
from billing.providers.stripe.client import LABEL, Question
from billing.providers.stripe.gathering import kind_of
from billing.providers.values import at, ident, part
from billing.report import Change

MOST_PAGES_OF_A_SECOND = 50


def changes_between(since: datetime, until: datetime) -> Iterator[Change]:
    """Oldest first, of the types that move something.

    Stripe lists the newest first. A span with more than a page is halved, and its older half taken first: so nothing is held
    back, and whoever stops in the middle has everything up to there.
    """
    ask = Question(seconds=None)
    yield from _within(ask, math.floor(since.timestamp()), math.ceil(until.timestamp()))


def _within(ask: Question, start: int, end: int) -> Iterator[Change]:
    if start >= end:
        return
    with understood(LABEL):
        found, more = ask.events(start, end)
    if not more:
        yield from _changes(found)
    elif end - start > 1:
        middle = (start + end) // 2
        yield from _within(ask, start, middle)
        yield from _within(ask, middle, end)
    else:
        yield from _changes(_whole_second(ask, start, found))


def _whole_second(ask: Question, second: int, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    more = True
    for _page in range(MOST_PAGES_OF_A_SECOND):
        if not more:
            return found
        page, more = ask.events(second, second + 1, after=ident(found[-1]))
        found = found + page
    raise endless(LABEL)


def _changes(found: list[dict[str, Any]]) -> list[Change]:
    """Within a second Stripe's order says nothing, and is turned round all the same."""
    with understood(LABEL):
        return [_change(event) for event in reversed(found) if kind_of(event["type"])]


def _change(event: dict[str, Any]) -> Change:
    created_at = at(event["created"])
    if created_at is None:
        raise ValueError("an event has its time")
    return Change(ident(event), event["type"], ident(part(event, "data", "object")), created_at, json.dumps(event).encode())

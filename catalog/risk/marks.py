"""What a risk rests on, as moments for the price chart."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.models import Offer
from catalog.risk.facts import OfferFacts
from catalog.risk.gathering import facts_of
from catalog.risk.reading import Reading, read
from catalog.risk.rules import raised_at
from catalog.risk.thresholds import DEFAULT
from catalog.risk.timeline import DAY, spells
from opsportal import money

# Reasons that hold a price against the lowest of so many days before its reduction, the first one counts; and those that speak of a
# reduction at all.
LOWS = {"claim_gap": 30, "real_discount": 30, "under_low": 90}
OF_A_REDUCTION = {"list_raised", "raised_then_lowered", *LOWS}


class RiskMark(NamedTuple):
    """`kind`: raised (the list price went up), reduced (the discount began), low (what the discount is held against, at `price`)."""

    at: datetime
    kind: str
    label: str
    price: int | None = None


def marks_of(offer: Offer) -> list[RiskMark]:
    """Of the risk as it was calculated last. Three queries; none where no reason speaks of a moment."""
    codes = {reason["code"] for reason in offer.risk_reasons}
    if offer.risk_at is None or not codes & OF_A_REDUCTION:
        return []
    return [mark for _number, facts in facts_of([offer.pk], offer.risk_at) for mark in marks(facts, offer.risk_at, codes)]


def marks(facts: OfferFacts, now: datetime, codes: Collection[str]) -> list[RiskMark]:
    """Oldest first, for the reasons of these codes."""
    if facts.price is None or facts.price <= 0:
        return []
    reading = read(facts, spells(facts.history, now), facts.price, now, DEFAULT)
    return sorted(RiskMark(now + timedelta(seconds=at), kind, label, price) for at, kind, label, price in _found(reading, codes))


def _found(reading: Reading, codes: Collection[str]) -> Iterator[tuple[int, str, str, int | None]]:
    currency, reduced = reading.facts.currency, reading.reduced
    if "list_raised" in codes and reading.spells:
        price = money.in_words(reading.list_price, currency)
        yield raised_at(reading), "raised", _("List price raised to %(price)s") % {"price": price}, None
    if reduced is not None and OF_A_REDUCTION & set(codes):
        yield reduced, "reduced", _("The reduction begins"), None
    days = next((days for code, days in LOWS.items() if code in codes), 0)
    value = reading.low90 if days == 90 else reading.prior
    until = 0 if reduced is None else reduced
    since = until - days * DAY
    stood = [max(begin, since) for begin, end, price, _list in reading.spells if price == value and end > since and begin < until]
    if days and value is not None and stood:
        words = {"days": days, "price": money.in_words(value, currency)}
        yield stood[0], "low", _("Lowest price of the %(days)s days before: %(price)s") % words, value

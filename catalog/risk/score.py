"""From facts to a risk."""

from datetime import datetime

from catalog.risk.facts import OfferFacts, PricePoint
from catalog.risk.reading import read
from catalog.risk.reasons import Bucket, Reason, Risk, as_json, from_json
from catalog.risk.rules import BLIND, RULES
from catalog.risk.thresholds import DEFAULT, Thresholds
from catalog.risk.timeline import Medians, Spell, medians, medians_of, spells

__all__ = ["Medians", "OfferFacts", "PricePoint", "Reason", "Risk", "as_json", "from_json", "judge", "medians", "score"]


def score(facts: OfferFacts, now: datetime, limits: Thresholds = DEFAULT) -> Risk:
    """How likely the offer is a trap, as of `now` (aware). The same facts and moment always give the same risk.

    Evidence counts even where much is missing: what is known to be risky is called so. But nothing is called safe, or worth a watch,
    on missing data: that is `unknown`.
    """
    return _scored(facts, spells(facts.history, now), now, limits)


def judge(facts: OfferFacts, now: datetime, limits: Thresholds = DEFAULT) -> tuple[Risk, Medians]:
    """score() and medians() in one, for many offers: the history is laid out once."""
    tracked = spells(facts.history, now)
    return _scored(facts, tracked, now, limits), medians_of(tracked)


def _scored(facts: OfferFacts, tracked: list[Spell], now: datetime, limits: Thresholds) -> Risk:
    if facts.price is None or facts.price <= 0:
        return Risk(limits.no_price, "unknown", (Reason("no_price", limits.no_price, {}),))
    reading = read(facts, tracked, facts.price, now, limits)
    reasons = [reason for rule in RULES if (reason := rule(reading)) is not None]
    reasons.sort(key=lambda reason: -reason.points)
    total = min(100, max(0, sum(reason.points for reason in reasons)))
    return Risk(total, bucket(total, reasons, limits), tuple(reasons))


def bucket(total: int, reasons: list[Reason], limits: Thresholds) -> Bucket:
    if total >= limits.risky_from:
        return "risky"
    if any(reason.code in BLIND for reason in reasons):
        return "unknown"
    return "watch" if total >= limits.watch_from else "safe"

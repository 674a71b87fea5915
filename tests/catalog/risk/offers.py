"""Offers with a past, told in days before now."""

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.risk.facts import OfferFacts, PricePoint

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

IN_LINE = (("Kalunga", 10_100), ("Magalu", 10_400), ("Ponto", 9_900))


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def past(*points: tuple) -> tuple[PricePoint, ...]:
    """(days ago, price, list price or none, held or not)."""
    return tuple(PricePoint(ago(days), *rest) for days, *rest in points)


def make_facts(**changed: Any) -> OfferFacts:
    """An offer at R$ 100 for 85 days, confirmed an hour ago, at two stores: nothing speaks against it, and nothing for it."""
    facts: dict[str, Any] = {
        "price": 10_000, "confirmed_at": ago(1 / 24), "availability": "in_stock", "sources": 2, "other_prices": (("Ponto", 10_400),),
        "history": past((85, 10_000)),
    }  # fmt: skip
    return OfferFacts(**(facts | changed))

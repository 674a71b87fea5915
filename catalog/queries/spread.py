"""How far the prices of one product lie apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.models import Status
from catalog.queries.product import NOT_SOLD


@dataclass(frozen=True, slots=True)
class Spread:
    """Of the offers that can be bought, in one currency; minor units. `percent`: how much more the dearest costs than the cheapest."""

    currency: str
    offers: int
    cheapest: int
    dearest: int

    @property
    def percent(self) -> int:
        return round((self.dearest - self.cheapest) * 100 / self.cheapest)


def spreads_of(offers: Iterable[Any]) -> list[Spread]:
    """One for each currency, the one with the most offers first. The offers carry what is shown (`with_shown`)."""
    prices: dict[str, list[int]] = {}
    for offer in offers:
        if offer.status == Status.ACTIVE and offer.shown_price is not None and offer.shown_availability not in NOT_SOLD:
            prices.setdefault(offer.currency, []).append(offer.shown_price)
    found = [Spread(currency, len(each), min(each), max(each)) for currency, each in prices.items()]
    return sorted(found, key=lambda spread: (-spread.offers, spread.currency))

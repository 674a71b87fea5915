"""What a risk is worked out from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class PricePoint(NamedTuple):
    """What the store's page said from `at` (aware) on, until the next point. Prices in minor units; `list_price` is the “was” price
    beside it. `held`: a reading that was too far from the one before and was not taken over, so it never was the price.
    """

    at: datetime
    price: int
    list_price: int | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """One offer, as it would be shown: `price` and `list_price` are the effective ones (an override's, where one holds), in minor
    units of `currency`, and so are all other prices here: leave out what is in another currency.

    `confirmed_at`: when the store's price was last read with success. `sources`: active offers of the product, this one included.
    `other_prices`: (store, price) of the others. `history`: tracked points in any order, or plain tuples of the same four values.
    `held_price`: a reading that still waits for a person. `currency_changed`: the page now names another currency.
    """

    price: int | None
    list_price: int | None = None
    currency: str = "BRL"
    availability: str = "unknown"
    confirmed_at: datetime | None = None
    override_active: bool = False
    override_reason: str = ""
    sources: int = 1
    other_prices: tuple[tuple[str, int], ...] = ()
    history: Sequence[PricePoint | tuple[datetime, int, int | None, bool]] = ()
    held_price: int | None = None
    currency_changed: bool = False

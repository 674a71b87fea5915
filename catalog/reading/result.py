from dataclasses import dataclass
from typing import Literal

Availability = Literal["in_stock", "out_of_stock", "preorder", "discontinued", "unknown"]
Source = Literal["json_ld", "microdata", "feed"]


@dataclass(frozen=True, slots=True)
class PageReading:
    """What a store asks for one product. `price` and `list_price` are minor units of `currency` (ISO 4217).

    `list_price` is what the store says it asked before or asks elsewhere, and only where that is more than `price`.
    """

    price: int
    list_price: int | None
    currency: str
    availability: Availability
    source: Source
    name: str | None = None


class Unreadable(Exception):
    """No price can be read, for a reason: a short `code` for programs, and `words` in plain English that are kept as a fact."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words

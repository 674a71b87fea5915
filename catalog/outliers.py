"""Purchases that a person should look at before their economy is believed. Pure: facts in, reasons out.

The thresholds are ours: a declared economy is money that the final report adds up, so what is doubted is left out of it until somebody looked.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# A declared economy above so many times what the 90-day median gives.
MOST_TIMES = 3
# Below this part of the median a declared economy is never “too many times”: two reais against one are no outlier.
FLOOR_PERCENT = 10
# A paid price below half of the lowest one ever seen, or above twice the highest.
FAR_TIMES = 2


class Reason(StrEnum):
    NEGATIVE = "negative"
    ABOVE_PRICE = "above_price"
    ABOVE_MEDIAN = "above_median"
    OTHER_CURRENCY = "other_currency"
    FAR_PRICE = "far_price"


WORDS: dict[str, Promise] = {
    Reason.NEGATIVE: _("the declared economy is below zero"),
    Reason.ABOVE_PRICE: _("the declared economy is more than the product costs"),
    Reason.ABOVE_MEDIAN: _("the declared economy is more than three times what the 90-day median gives"),
    Reason.OTHER_CURRENCY: _("paid in another currency than the offer's"),
    Reason.FAR_PRICE: _("the price paid is far from every price we know"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a purchase, in minor units. `median_90` and the known prices are in the purchase's currency, None where unknown."""

    price: int
    declared: int | None = None
    median_90: int | None = None
    lowest: int | None = None
    highest: int | None = None
    other_currency: bool = False


def reasons(facts: Facts) -> list[Reason]:
    """Why it is an outlier, in the order of Reason; empty where it is none."""
    held = {
        Reason.NEGATIVE: facts.declared is not None and facts.declared < 0,
        Reason.ABOVE_PRICE: _above_price(facts),
        Reason.ABOVE_MEDIAN: _above_median(facts),
        Reason.OTHER_CURRENCY: facts.other_currency,
        Reason.FAR_PRICE: _far(facts),
    }
    return [reason for reason in Reason if held[reason]]


def _above_price(facts: Facts) -> bool:
    """The dearest that the product was known to cost; with nothing known, what was paid and saved can't be told apart, so nothing is said."""
    known = [price for price in (facts.median_90, facts.highest) if price is not None]
    return facts.declared is not None and bool(known) and facts.declared > max(known)


def _above_median(facts: Facts) -> bool:
    if facts.declared is None or facts.median_90 is None:
        return False
    computed = max(facts.median_90 - facts.price, 0)
    return facts.declared > max(computed * MOST_TIMES, facts.median_90 * FLOOR_PERCENT // 100)


def _far(facts: Facts) -> bool:
    if facts.lowest is None or facts.highest is None:
        return False
    return facts.price * FAR_TIMES < facts.lowest or facts.price > facts.highest * FAR_TIMES

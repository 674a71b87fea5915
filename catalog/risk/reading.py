"""What all rules look at, worked out once for an offer."""

from dataclasses import dataclass
from datetime import datetime

from catalog.risk.facts import OfferFacts
from catalog.risk.thresholds import Thresholds
from catalog.risk.timeline import DAY, SECOND, Spell, low, low_until_now, median


@dataclass(frozen=True, slots=True)
class Reading:
    """Times are seconds before now (never more than 0), shares are of 1.

    `claimed`: the discount that the list price promises, 0 where it promises none. `reduced`: when the price came down to what it is, None
    where it did not of late. `prior`: the lowest price of the 30 days before that, else of the last 30 days. `low90`: of the 90 days before it.
    """

    facts: OfferFacts
    limits: Thresholds
    price: int
    list_price: int
    claimed: float
    spells: list[Spell]
    history_days: int
    unconfirmed_days: int | None
    reduced: int | None
    prior: int | None
    low90: int | None
    median90: int | None
    others: list[tuple[int, str]]


def overridden(tracked: list[Spell], facts: OfferFacts, price: int) -> list[Spell]:
    """The spells as a person says they were: what stands under an override is disowned for as long as the store has said it. Without an
    override, a price that is not the last tracked one holds from now on."""
    if not tracked:
        return tracked
    _since, _until, last, last_list = tracked[-1]
    if not facts.override_active:
        return tracked if last == price else [*tracked, (0, 0, price, facts.list_price)]
    corrected = list(tracked)
    price_stands, list_stands = last != price, last_list != facts.list_price
    for index in range(len(corrected) - 1, -1, -1):
        since, until, was, was_list = corrected[index]
        price_stands, list_stands = price_stands and was == last, list_stands and was_list == last_list
        if not (price_stands or list_stands):
            break
        corrected[index] = (since, until, price if price_stands else was, facts.list_price if list_stands else was_list)
    return corrected


def reduction(stretches: list[Spell], limits: Thresholds) -> int | None:
    """When the price first fell notably on its way down to now. Steps that only ever lead down are one reduction; None if there is none,
    or if it is so long ago that the price is simply the usual one."""
    first = len(stretches) - 1
    while first > 0 and stretches[first - 1][2] >= stretches[first][2]:
        first -= 1
    for since, _until, price, _list in stretches[first + 1 :]:
        if price <= stretches[first][2] * (1 - limits.change):
            return since if since >= -limits.reduction_days * DAY else None
    return None


def read(facts: OfferFacts, tracked: list[Spell], price: int, now: datetime, limits: Thresholds) -> Reading:
    """`tracked`: the spells of the facts' history. `price` is the effective one, known to be more than 0."""
    stretches = overridden(tracked, facts, price)
    list_price = facts.list_price if facts.list_price is not None and facts.list_price > price else 0
    claimed = 1 - price / list_price if list_price else 0.0
    usual = median(stretches, -90 * DAY)
    reduced = reduction(stretches, limits) if stretches else None
    return Reading(
        facts=facts,
        limits=limits,
        price=price,
        list_price=list_price,
        claimed=claimed if claimed >= limits.claim else 0.0,
        spells=stretches,
        history_days=-tracked[0][0] // DAY if tracked else 0,
        unconfirmed_days=None if facts.confirmed_at is None else max(0, (now - facts.confirmed_at) // SECOND // DAY),
        reduced=reduced,
        prior=low_until_now(stretches, -30 * DAY, usual) if reduced is None else low(stretches, reduced - 30 * DAY, reduced, usual),
        low90=None if reduced is None else low(stretches, reduced - 90 * DAY, reduced, usual),
        median90=usual,
        others=sorted((other, store) for store, other in facts.other_prices if other > 0),
    )

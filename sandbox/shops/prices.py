"""What a good costs in a shop at a moment. A function of the moment alone, so that yesterday's price can be asked for today."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sandbox.shops.assortment import Good, Shop
from sandbox.shops.chance import among, between

# Of a hundred offers, how many tell which story. The others are plain: a price that moves a little every few days.
STORIES = (("honest_sale", 14), ("fake_discount", 9), ("sold_out", 6), ("glitch", 3))
CYCLE = 30
# What a pack of two costs, of one; and a price before the discount that is none.
TWO_PACK, RAISED = 1.39, 1.58
# What the sample's people talk about: a shop, the beginning of a good's slug, and what its price tells.
CHOSEN = {("mercado-azul", "air-fryer-226"): "fake_discount", ("mercado-azul", "coffee-beans"): "two_pack"}


@dataclass(frozen=True, slots=True)
class Tag:
    """Minor units of the shop's currency."""

    price: int
    list_price: int | None
    availability: str = "in_stock"


def story(shop: Shop, good: Good) -> str:
    if chosen := _chosen(shop, good):
        return chosen
    drawn = among(100, "story", shop.key, good.slug)
    for name, share in STORIES:
        if drawn < share:
            return name
        drawn -= share
    return "plain"


def is_chosen(shop: Shop, good: Good) -> bool:
    """Whether the sample's people talk about it: its page is as it should be."""
    return bool(_chosen(shop, good))


def _chosen(shop: Shop, good: Good) -> str:
    return next((told for (key, slug), told in CHOSEN.items() if key == shop.key and good.slug.startswith(slug)), "")


def tag_at(shop: Shop, good: Good, at: datetime, today: datetime) -> Tag:
    """`today` anchors the stories: whenever the sample data is loaded, some discounts have just begun."""
    # What people talk about is told for the first time.
    told = "plain" if is_chosen(shop, good) and today - at > timedelta(days=CYCLE) else story(shop, good)
    usual = _usual(shop, good, at)
    # Days into the story, which begins anew every CYCLE days; today some are at their height.
    phase = (at - today).total_seconds() / 86_400 + 22 + among(6, "phase", shop.key, good.slug)
    phase %= CYCLE
    steady = _usual(shop, good, at - timedelta(days=phase)) if told in ("honest_sale", "fake_discount") else usual
    match told:
        case "honest_sale" if 18 <= phase < 28:
            return Tag(_ending(steady * between(0.72, 0.88, "cut", shop.key, good.slug)), steady)
        case "fake_discount" if phase >= 12:
            raised = _ending(steady * (RAISED if is_chosen(shop, good) else between(1.32, 1.7, "raise", shop.key, good.slug)))
            return Tag(raised, raised) if phase < 21 else Tag(_ending(steady * 0.99), raised)
        case "sold_out" if 20 <= phase < 29:
            return Tag(usual, None, "out_of_stock")
        case "two_pack" if phase >= 20:
            # The page leads to another one, of two packs.
            return Tag(_ending(usual * TWO_PACK), None)
        case "glitch" if 24 <= phase < 24.5:
            return Tag(max(1, usual // 10), usual)
    return Tag(usual, None)


def one_pack(price: int) -> int:
    """What a page that shows the price of two packs should show."""
    return _ending(price / TWO_PACK)


def _usual(shop: Shop, good: Good, at: datetime) -> int:
    days, start, own = _pace(shop.key, good.slug)
    # What people talk about costs the same at whatever moment they do.
    stretch = 0 if is_chosen(shop, good) else int((at.timestamp() / 86_400 + start) // days)
    return _ending(good.base * shop.level * own * between(0.96, 1.05, "stretch", shop.key, good.slug, stretch))


@cache
def _pace(shop: str, good: str) -> tuple[int, float, float]:
    """For how many days a price stays, where in them it begins, and how the shop's stands to the others'."""
    days = 2 + among(7, "pace", shop, good)
    return days, between(0, days, "start", shop, good), between(0.93, 1.07, "own", shop, good)


def _ending(price: float) -> int:
    """As shops like it: …,90."""
    return max(90, round(price / 100) * 100 - 10)

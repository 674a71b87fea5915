"""What a good costs in a shop at a moment. A function of the moment alone, so that yesterday's price can be asked for today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.shops.assortment import Good, Shop
from sandbox.shops.chance import among, between

# Of a hundred offers, how many tell which story. The others are plain: a price that moves a little every few days.
STORIES = (("honest_sale", 14), ("fake_discount", 9), ("sold_out", 6), ("glitch", 3))
CYCLE = 30


@dataclass(frozen=True, slots=True)
class Tag:
    """Minor units of the shop's currency."""

    price: int
    list_price: int | None
    availability: str = "in_stock"


def story(shop: Shop, good: Good) -> str:
    drawn = among(100, "story", shop.key, good.slug)
    for name, share in STORIES:
        if drawn < share:
            return name
        drawn -= share
    return "plain"


def tag_at(shop: Shop, good: Good, at: datetime, today: datetime) -> Tag:
    """`today` anchors the stories: whenever the sample data is loaded, some discounts have just begun."""
    told = story(shop, good)
    usual = _usual(shop, good, at)
    # Days into the story, which begins anew every CYCLE days; today some are at their height.
    phase = (at - today).total_seconds() / 86_400 + 22 + among(6, "phase", shop.key, good.slug)
    phase %= CYCLE
    steady = _usual(shop, good, at - timedelta(days=phase))
    match told:
        case "honest_sale" if 18 <= phase < 28:
            return Tag(_ending(steady * between(0.72, 0.88, "cut", shop.key, good.slug)), steady)
        case "fake_discount" if phase >= 12:
            raised = _ending(steady * between(1.32, 1.7, "raise", shop.key, good.slug))
            return Tag(raised, raised) if phase < 21 else Tag(_ending(steady * 0.99), raised)
        case "sold_out" if 20 <= phase < 29:
            return Tag(usual, None, "out_of_stock")
        case "glitch" if 24 <= phase < 24.5:
            return Tag(max(1, usual // 10), usual)
    return Tag(usual, None)


def _usual(shop: Shop, good: Good, at: datetime) -> int:
    days = 2 + among(7, "pace", shop.key, good.slug)
    stretch = int((at.timestamp() / 86_400 + between(0, days, "start", shop.key, good.slug)) // days)
    own = between(0.93, 1.07, "own", shop.key, good.slug)
    return _ending(good.base * shop.level * own * between(0.96, 1.05, "stretch", shop.key, good.slug, stretch))


def _ending(price: float) -> int:
    """As shops like it: …,90."""
    return max(90, round(price / 100) * 100 - 10)

"""The rules: each looks at one thing and says what it found, or nothing. Their sources: docs/risk.md."""

from collections.abc import Callable
from itertools import pairwise

from catalog.risk.reading import Reading
from catalog.risk.reasons import Reason
from catalog.risk.timeline import DAY, deviation, length, middle, window

Rule = Callable[[Reading], Reason | None]

GONE = frozenset({"out_of_stock", "discontinued"})
# Turns a median absolute deviation into the standard deviation of a normal distribution.
NORMAL = 0.6745


def percent(share: float) -> int:
    return round(share * 100)


def days(seconds: int) -> int:
    return round(seconds / DAY)


# What must be known


def never_confirmed(reading: Reading) -> Reason | None:
    if reading.unconfirmed_days is not None:
        return None
    return Reason("never_confirmed", reading.limits.never_confirmed, {})


def unconfirmed(reading: Reading) -> Reason | None:
    """The tracker reads hourly: two days without a reading are many failures, and after a week the price may be any."""
    ago = reading.unconfirmed_days
    if ago is None or ago < reading.limits.stale.at:
        return None
    if ago >= reading.limits.confirmed_days:
        return Reason("lost", reading.limits.lost, {"days": ago})
    return Reason("stale", reading.limits.stale.of(ago), {"days": ago})


def history(reading: Reading) -> Reason | None:
    limits, known = reading.limits, reading.history_days
    if known < limits.history_days:
        return Reason("short_history", limits.short_history, {"days": known, "needed": limits.history_days})
    if known >= limits.full_history_days:
        return None
    missing = (limits.full_history_days - known) / (limits.full_history_days - limits.history_days)
    return Reason("young_history", round(limits.short_history * missing), {"days": known, "full": limits.full_history_days})


def currency_changed(reading: Reading) -> Reason | None:
    return Reason("currency_changed", reading.limits.currency_changed, {}) if reading.facts.currency_changed else None


# Traps


def raised_at(reading: Reading) -> int:
    """Since when the list price, or the price then, is as high as the list price of now."""
    since = 0
    for start, _end, price, list_price in reversed(reading.spells):
        if max(price, list_price or 0) < reading.list_price * 0.99:
            break
        since = start
    return since


def list_raised(reading: Reading) -> Reason | None:
    """The “was” price went up shortly before the discount from it. It is held against the usual one (the higher of price and list price,
    by time) of the time before."""
    if not reading.claimed:
        return None
    limits, since = reading.limits, raised_at(reading)
    before = window(reading.spells, since - limits.base_days * DAY, since)
    usual = middle([(max(price, list_price or 0), end - start) for start, end, price, list_price in before])
    if usual is None or length(before) < limits.history_days * DAY:
        return None
    rise = reading.list_price / usual - 1
    ahead = max(0, (since if reading.reduced is None else reading.reduced) - since)
    fresh = min(1.0, (limits.list_raised_gone_days * DAY - ahead) / ((limits.list_raised_gone_days - limits.list_raised_days) * DAY))
    if rise < limits.list_raised.at or fresh <= 0:
        return None
    return Reason("list_raised", round(limits.list_raised.of(rise) * fresh), {"percent": percent(rise), "days": days(ahead)})


def raised_then_lowered(reading: Reading) -> Reason | None:
    """Half of the double: the price went up for some weeks at most, and came back to about what it was, or not even that."""
    limits, reduced = reading.limits, reading.reduced
    if reduced is None:
        return None
    since, _end, peak, _list = max(window(reading.spells, reduced - 30 * DAY, reduced), key=lambda spell: (spell[2], -spell[0]))
    before = window(reading.spells, since - limits.base_days * DAY, since)
    base = middle([(price, end - start) for start, end, price, _list in before])
    if base is None or since <= reduced - 30 * DAY or length(before) < limits.history_days * DAY:
        return None
    rise = peak / base - 1
    if rise < limits.raised_then_lowered.at or reading.price < base * limits.came_back:
        return None
    return Reason("raised_then_lowered", limits.raised_then_lowered.of(rise), {"percent": percent(rise), "days": days(reduced - since)})


def claim_gap(reading: Reading) -> Reason | None:
    """What the discount says against what it is, from the lowest price of the 30 days before it (Directive 98/6/EC, Article 6a)."""
    if not reading.claimed or reading.prior is None:
        return None
    real = 1 - reading.price / reading.prior
    points = reading.limits.claim_gap.of(reading.claimed - real)
    if not points:
        return None
    figures = {"claimed": percent(reading.claimed), "real": max(0, percent(real)), "above": max(0, percent(reading.price / reading.prior - 1))}
    return Reason("claim_gap", points, figures)


def huge_claim(reading: Reading) -> Reason | None:
    points = reading.limits.huge_claim.of(reading.claimed)
    return Reason("huge_claim", points, {"percent": percent(reading.claimed)}) if points else None


def stands(reading: Reading) -> int:
    """For how many seconds the price has been what it is."""
    since = 0
    for start, _end, price, _list in reversed(reading.spells):
        if price != reading.price:
            break
        since = start
    return -since


def too_cheap(reading: Reading) -> Reason | None:
    """Far under the usual price, an outlier among what it cost (modified z-score over the MAD), new, and no other store agrees."""
    limits, usual = reading.limits, reading.median90
    if usual is None or reading.history_days < limits.history_days or stands(reading) > limits.too_cheap_days * DAY:
        return None
    drop = 1 - reading.price / usual
    if drop < limits.too_cheap.at or (reading.others and reading.price >= reading.others[0][0] * limits.market_agrees):
        return None
    spread = max(deviation(reading.spells, -90 * DAY, usual), usual * limits.outlier_floor)
    if NORMAL * (usual - reading.price) / spread <= limits.outlier_z:
        return None
    return Reason("too_cheap", limits.too_cheap.of(drop), {"percent": percent(drop)})


def under_market(reading: Reading) -> Reason | None:
    if not reading.others:
        return None
    price, store = reading.others[0]
    points = reading.limits.under_market.of(1 - reading.price / price)
    return Reason("under_market", points, {"percent": percent(1 - reading.price / price), "store": store}) if points else None


# A bad time to buy


def over_median(reading: Reading) -> Reason | None:
    if reading.median90 is None:
        return None
    over = reading.price / reading.median90 - 1
    points = reading.limits.over_median.of(over)
    return Reason("over_median", points, {"percent": percent(over)}) if points else None


def over_market(reading: Reading) -> Reason | None:
    if not reading.others:
        return None
    price, store = reading.others[0]
    points = reading.limits.over_market.of(reading.price / price - 1)
    return Reason("over_market", points, {"percent": percent(reading.price / price - 1), "store": store}) if points else None


# Doubts


def held(reading: Reading) -> Reason | None:
    """The store says a price that nobody has believed yet."""
    waiting = reading.facts.held_price
    if waiting is None:
        return None
    change = waiting / reading.price - 1
    return Reason("held", reading.limits.held, {"percent": abs(percent(change)), "up": change > 0})


def volatile(reading: Reading) -> Reason | None:
    limits, changes = reading.limits, 0
    for (_start, _end, was, _old), (_since, _until, price, _list) in pairwise(window(reading.spells, -limits.volatile_days * DAY)):
        changes += abs(price - was) >= was * limits.change
    points = limits.volatile.of(changes)
    return Reason("volatile", points, {"changes": changes, "days": limits.volatile_days}) if points else None


def single_source(reading: Reading) -> Reason | None:
    alone = max(reading.facts.sources, len(reading.others) + 1) == 1
    return Reason("single_source", reading.limits.single_source, {}) if alone else None


def out_of_stock(reading: Reading) -> Reason | None:
    """A price that cannot be taken is bait, or simply old."""
    return Reason("out_of_stock", reading.limits.out_of_stock, {}) if reading.facts.availability in GONE else None


def overridden(reading: Reading) -> Reason | None:
    """No points: a person vouches for it. But whoever reads the risk must know."""
    return Reason("overridden", 0, {"why": reading.facts.override_reason}) if reading.facts.override_active else None


# What speaks for it


def believed(reading: Reading) -> bool:
    """Is the price known well enough to speak for the offer? Not while it is unconfirmed or the store says something else."""
    facts, ago = reading.facts, reading.unconfirmed_days
    return ago is not None and ago < reading.limits.stale.at and facts.held_price is None and not facts.currency_changed


def under_low(reading: Reading) -> Reason | None:
    """Lower than ever in the 90 days before, and still believable."""
    usual, low90 = reading.median90, reading.low90
    if usual is None or low90 is None or reading.history_days < reading.limits.history_days or not believed(reading):
        return None
    under = 1 - reading.price / low90
    points = reading.limits.under_low.of(under)
    if not points or 1 - reading.price / usual >= reading.limits.too_cheap.at:
        return None
    return Reason("under_low", -points, {"percent": percent(under)})


def real_discount(reading: Reading) -> Reason | None:
    """The claim holds against the lowest price of the 30 days before it."""
    limits = reading.limits
    if not reading.claimed or reading.prior is None or reading.reduced is None or not believed(reading):
        return None
    if reading.history_days < limits.full_history_days or reading.claimed - (1 - reading.price / reading.prior) > limits.honest_gap:
        return None
    return Reason("real_discount", -limits.real_discount, {"percent": percent(reading.claimed)})


def in_line(reading: Reading) -> Reason | None:
    """Several other stores ask about the same."""
    limits, count = reading.limits, len(reading.others)
    if count < limits.in_line_stores or not believed(reading):
        return None
    usual = reading.others[(count - 1) // 2][0]
    if abs(reading.price - usual) > usual * limits.in_line_share:
        return None
    return Reason("in_line", -limits.in_line, {"stores": count})


# On what these say no verdict can rest; the others are evidence.
BLIND = frozenset({"no_price", "never_confirmed", "lost", "short_history", "currency_changed"})

RULES: tuple[Rule, ...] = (
    list_raised, raised_then_lowered, claim_gap, huge_claim, too_cheap, under_market, over_median, over_market,
    never_confirmed, unconfirmed, history, currency_changed, held, volatile, single_source, out_of_stock, overridden,
    under_low, real_discount, in_line,
)  # fmt: skip

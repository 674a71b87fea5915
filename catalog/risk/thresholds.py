"""Every threshold and every weight in one place. Where they come from: docs/risk.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ramp:
    """Points that grow in a straight line from `points` at `at` to `most` at `full`. Nothing under `at`, no more than `most` over `full`."""

    at: float
    points: int
    full: float
    most: int

    def of(self, value: float) -> int:
        if value < self.at:
            return 0
        if value >= self.full:
            return self.most
        return round(self.points + (self.most - self.points) * (value - self.at) / (self.full - self.at))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares are of 1 (0.05 is 5 %); days are days; points are of the 0 to 100 of a score."""

    # Buckets.
    watch_from: int = 25
    risky_from: int = 50

    # What must be known before an offer can be called safe.
    history_days: int = 7
    full_history_days: int = 30
    confirmed_days: int = 7

    # What counts as a change, a discount, a glitch.
    change: float = 0.05
    claim: float = 0.05
    reduction_days: int = 60
    base_days: int = 60
    honest_gap: float = 0.02
    came_back: float = 0.95

    # Traps.
    list_raised: Ramp = Ramp(0.05, 25, 0.40, 45)
    list_raised_days: int = 30
    list_raised_gone_days: int = 60
    raised_then_lowered: Ramp = Ramp(0.10, 10, 1.00, 30)
    claim_gap: Ramp = Ramp(0.05, 8, 0.40, 36)
    huge_claim: Ramp = Ramp(0.60, 10, 0.90, 30)
    too_cheap: Ramp = Ramp(0.50, 25, 0.90, 50)
    too_cheap_days: int = 14
    outlier_z: float = 3.5
    outlier_floor: float = 0.05
    market_agrees: float = 0.70
    under_market: Ramp = Ramp(0.50, 25, 0.80, 40)

    # A bad time to buy.
    over_median: Ramp = Ramp(0.10, 5, 1.00, 25)
    over_market: Ramp = Ramp(0.30, 5, 1.00, 20)

    # Doubts about the figures.
    stale: Ramp = Ramp(2, 8, 7, 30)
    lost: int = 30
    never_confirmed: int = 25
    no_price: int = 30
    short_history: int = 20
    currency_changed: int = 25
    held: int = 25
    single_source: int = 8
    out_of_stock: int = 10
    volatile: Ramp = Ramp(6, 6, 20, 15)
    volatile_days: int = 30

    # What speaks for it.
    under_low: Ramp = Ramp(0.05, 5, 0.20, 15)
    real_discount: int = 10
    in_line: int = 10
    in_line_stores: int = 3
    in_line_share: float = 0.10


DEFAULT = Thresholds()

"""How much of everything there is on the two desks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """`audit`: rows of the log. Checkouts have a payment, a plan and a webhook event each, runs their slots, messages an attempt."""

    offers: int
    audit: int
    checkouts: int
    runs: int
    households: int
    messages: int


# The fewest with which every list has more than one page.
SMALL = Sizes(offers=1_000, audit=1_000, checkouts=1_000, runs=1_000, households=1_000, messages=1_000)
BIG = Sizes(offers=1_000_000, audit=5_000_000, checkouts=1_000_000, runs=100_000, households=10_000, messages=100_000)
QUICK = Sizes(offers=50_000, audit=250_000, checkouts=50_000, runs=10_000, households=2_000, messages=10_000)

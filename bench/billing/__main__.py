"""What billing costs: `bin/bench billing [--quick] [intake|sweep …]`.

intake  webhooks verified, kept and answered, against (a) the same server without work, (b) the shortest view that is right, (c) dj-stripe
sweep   looking for mismatches at a million checkouts: everything, against the SELECT that finds them; only what changed; row by row with the ORM
Rounds in turn, medians of their ratios. Exits with 1 when a bar fails.
"""

from bench._parts import main

PARTS = ("intake", "sweep")

if __name__ == "__main__":
    main("bench.billing", __doc__, PARTS)

"""What the catalog costs: `bin/bench catalog [--quick] [tracker|looking|pages|feed|risk …]`.

tracker  the price tracker's write of a batch of 100 changed prices, against (a) the least that has to be written, by unnest and COPY,
         and (b) the ORM row by row
looking  a whole run of the tracker over 1,000 pages that answer in 200 ms, against its guard of 60 s
pages    the list of offers at a million offers, against the same at a thousand
feed     the figures of the feed for 10,000 households and 50,000 offers, against 2 s
risk     the risk of 100,000 offers, against reading their history alone
Rounds in turn, medians of their ratios. Exits with 1 when a bar fails.
"""

from bench._parts import main

PARTS = ("tracker", "looking", "pages", "feed", "risk")

if __name__ == "__main__":
    main("bench.catalog", __doc__, PARTS)

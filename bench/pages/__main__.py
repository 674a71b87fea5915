"""What the pages cost when much is kept: `bin/bench pages [--quick] [PAGE …]`, PAGE being the name of a route.

Two desks of the same pace on one PostgreSQL: a small one with a thousand of everything; a big one with a million offers, 5 million audit rows, a
million checkouts with their payments and events, 100,000 runs with their slots, 100,000 messages and 10,000 households. Every page that has no
argument in its address, one of each kind that has, Today and the morning review, as a CTO sees them: asked for in turn, small and big, without a
socket in between. Bars: 1.25 times the time at most, and not one query more. Beside it, each as a multiple of a page of constant bytes behind the
same sign-in. Exits with 1 when a bar fails.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import TYPE_CHECKING

import psycopg

from bench._database import Database
from bench._parts import bar
from bench.pages.sizes import BIG, QUICK, SMALL, Sizes

if TYPE_CHECKING:
    from bench.pages.desks import Desk
    from bench.pages.measuring import Found

GROWTH = 1.25
# Rounds, each with both desks.
ROUNDS, ROUNDS_QUICK = 15, 9
# What a page may ask of the database, whatever is kept.
MOST_QUERIES = {"today": 25, "review": 60}
# Lines that count the feeds of all households over all offers; too late, they say unknown.
READ_EVERYTHING = ("feed-empty", "feed-poor")
HEADING = f"{'page':<30}{'queries':>9}{'small':>10}{'big':>10}{'growth':>9}{'constants':>11}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="only these")
    chosen = parser.parse_args()
    with Database(durable=False) as database:
        sys.exit(not measure(database, QUICK if chosen.quick else BIG, chosen.pages))


def measure(database: Database, sizes: Sizes, only: list[str]) -> bool:
    """Whether every page met its bars."""
    from bench.pages.desks import desks

    pair = desks(database)
    began = time.perf_counter()
    fill(pair, (SMALL, sizes))
    print(f"Both desks are there after {time.perf_counter() - began:.0f} s.", flush=True)
    return look_at(pair, sizes, only, rounds=ROUNDS if sizes is BIG else ROUNDS_QUICK)


def fill(pair: "tuple[Desk, Desk]", sizes: tuple[Sizes, Sizes]) -> None:
    """The four kinds of rows have nothing to do with each other: two at a time."""
    from bench.pages.seed import desk, goods, money, records, work

    def part(kind: ModuleType, url: str, size: Sizes) -> None:
        with psycopg.connect(url, autocommit=True) as sql:
            kind.fill(sql, size)

    with ThreadPoolExecutor(2) as pool:
        for waited in [
            pool.submit(part, kind, one.url, size) for one, size in zip(pair, sizes, strict=True) for kind in (goods, records, money, work, desk)
        ]:
            waited.result()


def look_at(pair: "tuple[Desk, Desk]", sizes: Sizes, only: list[str], *, rounds: int) -> bool:
    from django.conf import settings

    settings.ROOT_URLCONF = "bench.pages.urls"
    from bench.pages.browser import Browser
    from bench.pages.measuring import Found, kind_of, measured
    from bench.pages.reviews import begin

    browser = Browser()
    for desk in pair:
        browser.sign_in(desk)
        begin(desk)
    known = addresses(pair, (SMALL, sizes))
    kinds = {name: kind_of(browser, pair[0], both[0]) for name, both in known.items() if not only or name in only}
    odd = [f"{name}: {kind}" for name, kind in kinds.items() if kind not in ("page", "post")]
    print(HEADING, flush=True)
    found: list[Found] = []
    for name in [name for name, kind in kinds.items() if kind == "page"]:
        both = known[name]
        one = measured(browser, pair, name, both, rounds)
        if one.growth > GROWTH:
            # Once more, and longer: somebody else may have been at the machine.
            one = min(one, measured(browser, pair, name, both, 3 * rounds), key=lambda of: of.growth)
        print(line(one), flush=True)
        found.append(one)
    met = [judge(found), bar(not odd, "every address is a page" + "".join(f"; {one}" for one in odd))]
    return all(met if only else [*met, look_at_lines(pair, rounds // 3)])


def look_at_lines(pair: "tuple[Desk, Desk]", rounds: int) -> bool:
    """What a review reads. Prints its bar: whether every line was answered within its own limit."""
    from bench.pages.reviews import readings

    print(f"{'line of a review':<39}{'small':>10}{'big':>10}", flush=True)
    found = readings(pair, rounds)
    for one in found:
        print(f"{one.key:<39}{one.small * 1000:>7.1f} ms{one.big * 1000:>7.1f} ms  {one.error}")
    print(f"{'together':<39}{sum(one.small for one in found) * 1000:>7.1f} ms{sum(one.big for one in found) * 1000:>7.1f} ms")
    for one in found:
        if one.error and one.key in READ_EVERYTHING:
            print(f"NOTE  {one.key} is unknown: it goes through every offer, and has its bar at fewer (bin/bench catalog feed)")
    late = [one.key for one in found if one.error and one.key not in READ_EVERYTHING]
    return bar(not late, f"{len(found)} lines of reviews are answered within their limits" + "".join(f"; {key} is not" for key in late))


def addresses(pair: "tuple[Desk, Desk]", sizes: tuple[Sizes, Sizes]) -> dict[str, tuple[str, str]]:
    """By name: each page's address at the small desk and at the big one."""
    from bench.pages import paths
    from bench.pages.desks import sitting_at

    known: list[dict[str, str]] = []
    for desk, size in zip(pair, sizes, strict=True):
        with sitting_at(desk):
            known.append(
                {
                    "(constant)": "/" + paths.CONSTANT,
                    "(frame)": "/" + paths.FRAMED,
                    **dict(paths.without_arguments()),
                    **dict(paths.with_arguments(size)),
                }
            )
    return {name: (path, known[1][name]) for name, path in known[0].items()}


def line(one: "Found") -> str:
    queries = str(one.queries[1]) if one.queries[0] == one.queries[1] else f"{one.queries[0]} → {one.queries[1]}"
    times = f"{one.small * 1000:>7.1f} ms{one.big * 1000:>7.1f} ms"
    return f"{one.name:<30}{queries:>9}{times}{one.growth:>7.2f} ×{one.of_constant:>9.1f} ×"


def judge(found: "list[Found]") -> bool:
    """Prints the bars. Whether all were met."""
    worst = max(found, key=lambda one: one.growth)
    grown = [one.name for one in found if one.growth > GROWTH]
    asking = [one.name for one in found if one.queries[1] > one.queries[0]]
    bars = [
        (
            not grown,
            f"{len(found)} pages: {worst.growth:.2f} × the time at most ({worst.name}), bar {GROWTH}" + "".join(f"; {name}" for name in grown),
        ),
        (not asking, "no page sends more queries" + "".join(f"; {name} does" for name in asking)),
    ]
    for one in found:
        if most := MOST_QUERIES.get(one.name):
            bars.append((max(one.queries) <= most, f"{one.name}: {max(one.queries)} queries, bar {most}"))
    return all([bar(*each) for each in bars])


if __name__ == "__main__":
    main()

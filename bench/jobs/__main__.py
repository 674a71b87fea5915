"""What the jobs engine costs: `bin/bench jobs [--quick]`.

Trivial items, in runs of 10 batches of 100, through the engine: checks, lease, fencing, cursor, figures. Against, in the same process
and on the same durable PostgreSQL: (a) one unnest statement a batch under a lock, written by hand in Django, (b) Django's save() for
each row, as it is without further words. Beside them, without a bar: with the asking for each run; (a) without Django; (b) with a
transaction a batch. Rounds in turn, medians of their ratios. And the queries of a tick with 200 jobs. Exits with 1 when a bar fails.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from bench.jobs.server import Server

AGAINST_UNNEST, AGAINST_ORM, TICK_QUERIES, JOBS = 0.7, 10, 20, 200
failed = False


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench jobs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about a minute instead of about six")
    quick = parser.parse_args().quick
    with Server() as server:
        compare(server, items=1000, rounds=9 if quick else 25)
        compare(server, items=20_000 if quick else 100_000, rounds=3)
        tick()
    sys.exit(failed)


def compare(server: Server, *, items: int, rounds: int) -> None:
    from bench.jobs import ways

    made: dict[str, Callable[[int], float | None]] = {
        "the engine": ways.engine,
        "(a) one unnest a batch, under a lock": ways.unnest,
        "(b) save() for each row": ways.save_alone,
        "    the engine, and asking for each run": ways.engine_asked,
        "    (a) without Django": ways.unnest_bare,
        "    (b) with a transaction a batch": ways.save_in_batches,
    }
    rates: dict[str, list[float]] = {name: [] for name in made}
    for way in made.values():
        measure(server, way, 1000)
    for number in range(rounds):
        # Each is first and last in turn.
        for name in [*made, *made][number % len(made) :][: len(made)]:
            # A commit for each row says the same after a thousand as after a hundred thousand.
            rates[name].append(measure(server, made[name], min(items, 1000) if made[name] is ways.save_alone else items))
    engine, *peers = rates.values()
    print(f"{f'{items:,} items: items a second, median of {rounds}':<50}{'median':>9}{'least':>9}{'most':>9}")
    for name, figures in rates.items():
        print(f"{name:<50}{statistics.median(figures):>9,.0f}{min(figures):>9,.0f}{max(figures):>9,.0f}")
    ratios = [statistics.median(ours / theirs for ours, theirs in zip(engine, figures, strict=True)) for figures in peers]
    print("ratios of the engine to each, medians of the rounds: " + ", ".join(f"{ratio:.2f}" for ratio in ratios))
    for peer, ratio, least in zip(("(a)", "(b)"), ratios, (AGAINST_UNNEST, AGAINST_ORM), strict=False):
        bar(ratio >= least, f"ratio to {peer}: {ratio:.2f}, bar {least}")


def measure(server: Server, way: Callable[[int], float | None], items: int) -> float:
    """Items a second."""
    server.clear()
    began = time.perf_counter()
    seconds = way(items) or time.perf_counter() - began
    if server.effects() != (items, items):
        raise SystemExit(f"{way.__name__} did {server.effects()} of {items} items.")
    return items / seconds


def tick() -> None:
    from bench.jobs import ways

    for what, queries, slots in ways.tick_queries(JOBS):
        bar(queries < TICK_QUERIES, f"tick with {JOBS} jobs, {what}: {slots} slots, {queries} queries, bar {TICK_QUERIES}")


def bar(ok: bool, text: str) -> None:
    global failed
    failed = failed or not ok
    print(f"{'PASS' if ok else 'FAIL'}  {text}", flush=True)


if __name__ == "__main__":
    main()

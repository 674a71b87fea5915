"""How fast a switch is read over OFREP: `bin/bench switches [--quick]`.

Against, in the same run, on the same server and behind the same middleware: (1) a view that returns constant bytes and checks nothing,
(2) a view that asks the database each time, (3) django-waffle with a warm cache in memory. Rounds in turn. Exits with 1 when a bar fails.
"""

import argparse
import statistics
import sys

from bench.switches.load import calls_a_second, request
from bench.switches.servers import Bench

CONNECTIONS = 16
CONSTANT_BAR, WAFFLE_BAR = 0.85, 1.0
OURS, CONSTANT, QUERY, WAFFLE = "ours", "constant", "query", "waffle"
PATHS = {
    OURS: "/ofrep/v1/evaluate/flags/ENABLE_JOBS", CONSTANT: "/ofrep/bench/constant", QUERY: "/ofrep/bench/query", WAFFLE: "/ofrep/bench/waffle",
}  # fmt: skip
WORDS = {
    OURS: "one switch: key, body, OFREP, reads noted", CONSTANT: "(1) constant bytes, nothing checked",
    QUERY: "(2) a database query each time", WAFFLE: "(3) django-waffle, warm cache in memory",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench switches", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about half a minute instead of about four")
    quick = parser.parse_args().quick
    with Bench() as bench:
        figures = rounds(bench, count=5 if quick else 15, seconds=1.0 if quick else 3.0)
    sys.exit(not report(figures))


def rounds(bench: Bench, *, count: int, seconds: float) -> dict[str, list[float]]:
    """Calls a second by peer, one figure a round. Each round begins with another peer, so that none always comes first."""
    messages = {name: request(bench.port, path, bench.key) for name, path in PATHS.items()}
    # Twice: each of the two processes imports its routes with its first call.
    for message in [*messages.values()] * 2:
        calls_a_second(bench.port, message, connections=CONNECTIONS * 2, seconds=1)
    figures: dict[str, list[float]] = {name: [] for name in PATHS}
    names = list(PATHS)
    for number in range(count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            figures[name].append(calls_a_second(bench.port, messages[name], connections=CONNECTIONS, seconds=seconds))
    return figures


def report(figures: dict[str, list[float]]) -> bool:
    """Prints the figures; whether every bar is passed."""
    print(f"{'calls a second, median of ' + str(len(figures[OURS])):<46}{'median':>8}{'least':>8}{'most':>8}{'ours ×':>8}")
    for name, found in figures.items():
        print(f"{WORDS[name]:<46}{statistics.median(found):>8.0f}{min(found):>8.0f}{max(found):>8.0f}{ratio(figures, name):>8.2f}")
    bars = [bar(figures, CONSTANT, CONSTANT_BAR), bar(figures, WAFFLE, WAFFLE_BAR)]
    return all(bars)


def ratio(figures: dict[str, list[float]], peer: str) -> float:
    """Ours to the peer's, the median of the rounds' own ratios."""
    return statistics.median(mine / other for mine, other in zip(figures[OURS], figures[peer], strict=True))


def bar(figures: dict[str, list[float]], peer: str, least: float) -> bool:
    found = ratio(figures, peer)
    print(f"{'PASS' if found >= least else 'FAIL'}  ratio to {WORDS[peer]}, median of pairs: {found:.2f}, bar {least}", flush=True)
    return found >= least


if __name__ == "__main__":
    main()

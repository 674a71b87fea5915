"""How fast the signup gate seats, and whether it ever seats one too many or one too few: `bin/bench gate [--quick]`.

Against, in the same run and on the same durable PostgreSQL: (a) the shortest Django view that is right, (b) the same two
statements from pgbench, (c) count-then-create. One load generator, 200 kept connections, rounds in turn. Exits with 1 when a bar fails.
"""

import argparse
import statistics
import sys
from typing import Any

from bench.gate.servers import Bench
from sandbox.signups import Plan, Report, run

CLIENTS = 200
RATIO_BAR = 0.8
MANY = 10_000_000
failed = False


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench gate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about a minute instead of about ten")
    quick = parser.parse_args().quick
    with Bench() as bench:
        compare(bench, rounds=3 if quick else 7, seconds=4 if quick else 10)
        overshoot(bench)
        exactness(bench, caps=[1, 10, 100, 1000] if quick else [1, 10, 100, 1000, 100_000])
    sys.exit(failed)


def claims(bench: Bench, url: str, **plan: Any) -> Report:
    return run(Plan(url, bench.key, clients=CLIENTS, **{"attempts": None, **plan}))


def rate(report: Report) -> float:
    if report.errors or report.refused:
        raise SystemExit(f"A round went wrong: {report.as_dict()}")
    return len(report.seated) / report.seconds


def compare(bench: Bench, *, rounds: int, seconds: int) -> None:
    bench.reset_rival(MANY)
    bench.raise_cap(MANY)
    ours, invited, rival, pgbench, latency = [], [], [], [], []
    invites = bench.invites(500)
    for warm in (bench.rival + "/conditional", bench.portal):
        claims(bench, warm, seconds=2)
    for _ in range(rounds):
        rival.append(rate(claims(bench, bench.rival + "/conditional", seconds=seconds)))
        report = claims(bench, bench.portal, seconds=seconds)
        ours.append(rate(report))
        latency.append(report.latency())
        invited.append(rate(claims(bench, bench.portal, seconds=seconds, invites=invites)))
        pgbench.append(bench.pgbench(max(2, seconds // 2)))
    base = statistics.median(rival)
    ratios = [mine / other for mine, other in zip(ours, rival, strict=True)]
    print(f"{'claims a second, median of ' + str(rounds):<46}{'median':>8}{'least':>8}{'most':>8}{'× (a)':>8}")
    for name, figures in (
        ("the gate: key, idempotency, STOP, audit", ours),
        ("the same with an invite, one of 500", invited),
        ("(a) Django: conditional UPDATE + INSERT", rival),
        ("(b) pgbench: the same, no web server", pgbench),
    ):
        print(f"{name:<46}{statistics.median(figures):>8.0f}{min(figures):>8.0f}{max(figures):>8.0f}{statistics.median(figures) / base:>8.2f}")
    print(
        f"latency of the gate, median of the rounds: p50 {_median(latency, 'p50')} ms, p95 {_median(latency, 'p95')} ms, p99 {_median(latency, 'p99')} ms"
    )
    bar(statistics.median(ratios) >= RATIO_BAR, f"ratio to (a), median of pairs: {statistics.median(ratios):.2f}, bar {RATIO_BAR}")


def _median(latency: list[dict[str, float]], name: str) -> float:
    return round(statistics.median(each[name] for each in latency), 1)


def overshoot(bench: Bench) -> None:
    bench.reset_rival(100)
    claims(bench, bench.rival + "/naive", attempts=1000)
    print(f"(c) count, then create: {bench.rival_rows()} households for 100 seats")


def exactness(bench: Bench, caps: list[int]) -> None:
    for cap in caps:
        before = bench.raise_cap(cap)
        report = claims(bench, bench.portal, attempts=cap + 500)
        counter, rows, audited = bench.seats()
        granted = len(report.seated)
        over, under = max(0, counter - before - cap), max(0, before + cap - counter)
        agree = granted == counter - before == rows - before == audited - before and not report.errors
        bar(
            over == 0 and under == 0 and agree,
            f"cap {cap:>6}: {granted} of {cap + 500} attempts seated, {over} over, {under} under-granted, rows and audit agree: {agree}",
        )


def bar(ok: bool, text: str) -> None:
    global failed
    failed = failed or not ok
    print(f"{'PASS' if ok else 'FAIL'}  {text}", flush=True)


if __name__ == "__main__":
    main()

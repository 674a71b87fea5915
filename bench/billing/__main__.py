"""What billing costs: `bin/bench billing [--quick] [intake|sweep …]`.

intake  webhooks verified, kept and answered, against (a) the same server without work, (b) the shortest view that is right, (c) dj-stripe
sweep   looking for mismatches at a million checkouts: everything, against the SELECT that finds them; only what changed; row by row with the ORM
Rounds in turn, medians of their ratios. Exits with 1 when a bar fails.
"""

import argparse
import importlib
import subprocess
import sys

from bench._database import ROOT, Database

PARTS = ("intake", "sweep")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench billing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and a tenth of the rows where a bar allows it")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    chosen = parser.parse_args()
    if unknown := [part for part in chosen.parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    parts = chosen.parts or PARTS
    if len(parts) == 1:
        sys.exit(not measure(parts[0], quick=chosen.quick))
    # Each in a process of its own: Django keeps to the database it was set up on.
    command = [sys.executable, "-m", "bench.billing", *(["--quick"] if chosen.quick else [])]
    sys.exit(any([subprocess.run([*command, part], cwd=ROOT).returncode for part in parts]))


def measure(part: str, *, quick: bool) -> bool:
    """Whether every bar of the part was met."""
    with Database() as database:
        module = importlib.import_module(f"bench.billing.{part}")
        return all([bar(*found) for found in module.run(database, quick=quick)])


def bar(ok: bool, text: str) -> bool:
    print(f"{'PASS' if ok else 'FAIL'}  {text}", flush=True)
    return ok


if __name__ == "__main__":
    main()

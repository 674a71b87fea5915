"""The command line of a benchmark that has parts: each is a module of its package, with `run(database, *, quick)` that yields (passed, words)."""

import argparse
import importlib
import subprocess
import sys

from bench._database import ROOT, Database


def main(package: str, about: str | None, parts: tuple[str, ...]) -> None:
    """`bin/bench NAME [--quick] [PART …]`: all parts, or those that are named. Ends with 1 when a bar fails, with 2 for bad use."""
    parser = argparse.ArgumentParser(
        prog=f"bin/bench {package.rpartition('.')[2]}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and a tenth of the rows where a bar allows it")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(parts)}")
    chosen = parser.parse_args()
    if unknown := [part for part in chosen.parts if part not in parts]:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(parts)}")
    wanted = chosen.parts or parts
    if len(wanted) == 1:
        sys.exit(not measure(package, wanted[0], quick=chosen.quick))
    # Each in a process of its own: Django keeps to the database it was set up on.
    command = [sys.executable, "-m", package, *(["--quick"] if chosen.quick else [])]
    sys.exit(any([subprocess.run([*command, part], cwd=ROOT).returncode for part in wanted]))


def measure(package: str, part: str, *, quick: bool) -> bool:
    """Whether every bar of the part was met."""
    with Database() as database:
        module = importlib.import_module(f"{package}.{part}")
        return all([bar(*found) for found in module.run(database, quick=quick)])


def bar(ok: bool, text: str) -> bool:
    print(f"{'PASS' if ok else 'FAIL'}  {text}", flush=True)
    return ok

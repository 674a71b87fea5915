import argparse
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

DESCRIPTION = """\
Brings the whole portal up on this machine: PostgreSQL and Valkey, migrations, sample data, web, worker, beat.
Ctrl-C stops everything it started.
"""
VARIABLES = """\
variables:
  PORT          where the portal listens (8000)
  OPS_VAR       the folder of its data (var/ beside bin/)
  OPS_VENV      the folder of its Python packages (.venv/ beside bin/)
  DATABASE_URL  a PostgreSQL to use in place of the embedded one
  REDIS_URL     a Redis or Valkey to use in place of the embedded one
README.md has the full table.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SystemExit(f"bin/dev: {message}; see bin/dev --help.")


def main(arguments: list[str]) -> None:
    parser = Parser(prog="bin/dev", description=DESCRIPTION, epilog=VARIABLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--empty", action="store_true", help="no sample data: the first page makes the first person")
    options = parser.parse_args(arguments)
    # Also SIGINT: a shell that starts this in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        _bring_up(sample=not options.empty)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
    except OSError as error:
        raise SystemExit(f"bin/dev: {error.strerror or error}: {error.filename or ''}".rstrip(": ")) from None


def _bring_up(*, sample: bool) -> None:
    # Children read the same settings, so what was given relative to this folder is made absolute for them too.
    if os.environ.get("OPS_VAR"):
        os.environ["OPS_VAR"] = str(Path(os.environ["OPS_VAR"]).expanduser().absolute())
    from opsportal.dev import portal

    portal.run(sample=sample)


if __name__ == "__main__":
    main(sys.argv[1:])

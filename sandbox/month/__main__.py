"""`manage.py sandbox_month` runs this in a process of its own, on a database of its own that is gone afterwards."""

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="sandbox_month")
    parser.add_argument("--checkouts", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    # Also when it was started in the background, or is told to end: its servers and files go with it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    var = Path(tempfile.mkdtemp(prefix="opsportal-month-"))
    var.chmod(0o755)
    # Before Django reads its settings: there is no way from here to any other database.
    for name in ("DATABASE_URL", "REDIS_URL", "OPS_DB_POOL"):
        os.environ.pop(name, None)
    os.environ |= {"OPS_ENV": "dev", "OPS_VAR": str(var), "DJANGO_SETTINGS_MODULE": "opsportal.settings"}
    from opsportal import embedded

    embedded.hold(var, durable=False)
    try:
        return _run(options.checkouts, options.seed)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    finally:
        from django.db import connections

        connections.close_all()
        embedded.stop_if_last(var)
        place = embedded.Place(var)
        for folder in (place.postgres_data(), place.sockets, var):
            shutil.rmtree(folder, ignore_errors=True)


def _run(checkouts: int, seed: int) -> int:
    import django

    django.setup()
    # Thousands of refused and repeated webhooks are what is wanted here; mistakes of ours are still said.
    logging.disable(logging.WARNING)
    from django.core.management import call_command

    from sandbox.month.checking import check, table
    from sandbox.month.running import Month

    call_command("migrate", verbosity=0, interactive=False)
    began, month = time.monotonic(), Month.new(checkouts, seed)
    month.run(lambda line: print(line, flush=True))
    outcome = check(month.world)
    sent = ", ".join(f"{count} × {status or 'no answer'}" for status, count in sorted(month.portal.statuses.items()))
    took = ", ".join(f"{count} {what}" for what, count in sorted(month.took.items()))
    print(f"\n{checkouts} checkouts, seed {seed}, {time.monotonic() - began:.0f} s: webhooks {sent}, {len(month.world.sender.lost)} lost; {took}\n")
    print("\n".join(table(outcome)))
    print("\nMoney and plans agree with the providers' books." if outcome.agrees else "\nThe portal and the books disagree.", flush=True)
    return 0 if outcome.agrees else 1


if __name__ == "__main__":
    sys.exit(main())

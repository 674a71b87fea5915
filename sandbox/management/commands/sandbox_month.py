import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Plays a month of checkouts with everything that goes wrong against this portal's code, on a database of its own that is gone afterwards, "
        "and checks to the cent whether money and plans agree with the providers' books. Ends with 1 where they do not. Refused in production."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--checkouts", type=int, default=5000, help="how many (default: %(default)s)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed tells the same month (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("sandbox_month does not run in production: it belongs on a developer's machine.")
        if not 1 <= options["checkouts"] <= 100_000:
            raise CommandError("--checkouts: between 1 and 100000.")
        run = [sys.executable, "-m", "sandbox.month", "--checkouts", str(options["checkouts"]), "--seed", str(options["seed"])]
        code = subprocess.run(run, cwd=settings.BASE_DIR, check=False).returncode
        if code:
            sys.exit(code)

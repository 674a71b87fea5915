import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand

from billing.reconciling import diagnose, snapshot
from billing.reconciling.printing import as_json, as_text
from opsportal.errors import NotFound

AGREES, DISAGREES, UNKNOWN = 0, 1, 2


class Command(BaseCommand):
    help = "All sides of one checkout, and what disagrees: the same snapshot as on its page. Nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = "exit codes: 0 all sides agree; 1 they disagree, or the provider could not be asked; 2 no such checkout, or bad use"
        parser.add_argument("--checkout-id", required=True, metavar="ID", help="our checkout's id")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--no-ask", action="store_true", help="our own sides only; the provider is not asked")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = snapshot(options["checkout_id"], ask=not options["no_ask"])
        except NotFound as error:
            self.stderr.write(str(error))
            sys.exit(UNKNOWN)
        diagnosis = diagnose(found)
        self.stdout.write(as_json(found, diagnosis) if options["json"] else as_text(found, diagnosis))
        sys.exit(DISAGREES if diagnosis.problems or found.asked.could_not else AGREES)

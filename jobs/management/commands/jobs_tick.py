import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from jobs.engine.tick import tick


class Command(BaseCommand):
    help = "One tick of the scheduler: make the slots that are due, queue their runs, end the runs that are lost. Any number of ticks do no harm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        numbers = asdict(tick())
        if options["json"]:
            self.stdout.write(json.dumps(numbers))
            return
        self.stdout.write(_("Slots made: %(slots)s, runs queued: %(runs)s, slots that do not run: %(not_run)s, runs found lost: %(lost)s, messages sent: %(sent)s") % numbers)  # fmt: skip

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.actors import Actor
from beta.actions import resume_signups
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = "Let households sign up again. The same act as RESUME on /ops/beta."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why it is safe again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            program = resume_signups(actor=Actor.cli(), reason=options["reason"])
        except OpsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Signups are open again: %(taken)s of %(cap)s seats taken.") % {"taken": program.seats_taken, "cap": program.cap})

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from beta.actions import change_cap, change_program
from beta.queries import get_program
from opsportal.errors import OpsError

FIELDS = ("name", "starts_on", "days", "invite_only")


def yes_or_no(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ArgumentTypeError("write yes or no")
    return value == "yes"


class Command(BaseCommand):
    help = "Show the program, or change its cap, name, first day, length, and whether an invite is needed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cap", type=int, help="how many households may hold a seat")
        parser.add_argument("--name")
        parser.add_argument("--starts-on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the first day, in the team's zone")
        parser.add_argument("--days", type=int, help="how many days it lasts")
        parser.add_argument("--invite-only", type=yes_or_no, metavar="yes|no", help="whether a household needs an invite")
        parser.add_argument("--reason", default="", help="why; needed for every change")

    def handle(self, *args: Any, **options: Any) -> None:
        program = get_program()
        wanted = {field: options[field] for field in ("cap", *FIELDS) if options[field] is not None}
        # What is like that already is no change and no error: the command can stand in a script.
        changed = {field: value for field, value in wanted.items() if getattr(program, field) != value}
        if changed and not options["reason"].strip():
            raise CommandError(_("A change needs --reason."))
        try:
            with transaction.atomic():
                if "cap" in changed:
                    change_cap(actor=Actor.cli(), cap=changed.pop("cap"), reason=options["reason"])
                if changed:
                    change_program(actor=Actor.cli(), reason=options["reason"], **changed)
        except OpsError as error:
            raise CommandError(str(error)) from error
        self._show()

    def _show(self) -> None:
        program = get_program()
        facts = {
            "name": program.name,
            "cap": program.cap,
            "taken": program.seats_taken,
            "days": program.days,
            "first": program.starts_on or _("not set"),
        }
        self.stdout.write(_("%(name)s: cap %(cap)s, %(taken)s seats taken, first day %(first)s, %(days)s days") % facts)
        self.stdout.write(_("Invited households only.") if program.invite_only else _("Open to anybody."))

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions, links
from accounts.roles import Role
from audit.actors import Actor
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = (
        "Adds a colleague. Prints a one-time link, good for 72 hours, by which they choose their password; "
        "with --password-stdin the first line of standard input is their password and nothing is printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the work email by which they sign in")
        parser.add_argument("--role", required=True, choices=Role.values, help="what they may do")
        parser.add_argument("--name", default="", help="the name the others read; default: the email's first part")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, email: str, role: str, name: str, password_stdin: bool, **options: Any) -> None:
        try:
            if password_stdin:
                password = sys.stdin.readline().rstrip("\r\n")
                actions.create_person(actor=Actor.cli(), email=email, role=role, name=name, password=password)
            else:
                made = actions.invite_person(actor=Actor.cli(), email=email, role=role, name=name)
                self.stdout.write(links.join_url(made.token))
        except OpsError as error:
            raise CommandError(str(error)) from None

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import Actor
from beta.actions import create_invites
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = "Create invites and print their codes, one a line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, required=True, help="how many codes, 1 to 1000")
        parser.add_argument("--uses", type=int, default=1, help="how many households each lets in (1)")
        parser.add_argument("--days", type=int, help="good for so many days; without it, until revoked")
        parser.add_argument("--batch", default="", help="a name for these, for example 'Friends & family'")
        parser.add_argument("--code", default="", help="a code of your own, with --count 1")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in ("count", "uses", "days", "batch", "code")}
        try:
            invites = create_invites(actor=Actor.cli(), **wanted)
        except OpsError as error:
            raise CommandError(str(error)) from error
        for invite in invites:
            self.stdout.write(invite.code)

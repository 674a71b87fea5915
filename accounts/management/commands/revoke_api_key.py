from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from audit.actors import Actor
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = "Ends an API key: the next call with it is refused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", metavar="PREFIX", help="the part between ops_ and the next underscore; the beginning “ops_PREFIX” will do too")
        parser.add_argument("--reason", default="", help="why, for the audit log")

    def handle(self, *args: Any, prefix: str, reason: str, **options: Any) -> None:
        # Whoever pastes the whole key means its prefix; the secret part goes no further.
        prefix = prefix.removeprefix("ops_").partition("_")[0]
        try:
            key = actions.revoke_api_key(actor=Actor.cli(), prefix=prefix, reason=reason)
        except OpsError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{key} of “{key.client.name}” is revoked.")

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.models import ApiClient, Scope
from audit.actors import Actor
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = "Makes an API client and prints its key, once and nothing else. --rotate prints a second key of a client that exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="which program will hold the key")
        parser.add_argument(
            "--scope", action="append", default=[], choices=Scope.values, dest="scopes", help="what it may do; may be given several times"
        )
        parser.add_argument("--rotate", action="store_true", help="add a second key beside the first, which stays valid until revoke_api_key")

    def handle(self, *args: Any, name: str, scopes: list[str], rotate: bool, **options: Any) -> None:
        if rotate and scopes:
            raise CommandError("--rotate keeps the client's scopes; leave --scope out.")
        try:
            made = self.rotate(name) if rotate else actions.create_api_client(actor=Actor.cli(), name=name, scopes=scopes)
        except OpsError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(made.raw)

    def rotate(self, name: str) -> actions.NewKey:
        client = ApiClient.objects.filter(name=name).first()
        if client is None:
            raise CommandError(f"There is no API client with the name “{name}”.")
        return actions.rotate_api_key(actor=Actor.cli(), client_id=client.pk)

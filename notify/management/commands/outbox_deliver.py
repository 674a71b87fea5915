from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notify import actions


class Command(BaseCommand):
    help = "Delivers what is due now, in this process: for when no worker does. Ends with 1 if something could not be delivered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=1000, help="messages at most (default: 1000)")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        tally = actions.deliver_due(limit=max(limit, 0))
        self.stdout.write(f"{tally.sent} sent, {tally.failed} failed.")
        if tally.failed:
            raise SystemExit(1)

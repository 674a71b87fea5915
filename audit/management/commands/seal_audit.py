from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from audit.actions import seal_rows
from audit.actors import Actor


class Command(BaseCommand):
    help = "Seal the audit rows that no seal covers yet. The workers do so every minute; this is for when they are down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seconds", type=float, default=600, help="stop after this many seconds; the next call goes on")

    def handle(self, *args: Any, **options: Any) -> None:
        done = seal_rows(actor=Actor.cli(), seconds=options["seconds"])
        if done.numbers:
            facts = {"rows": done.rows, "seals": ", ".join(f"#{number}" for number in done.numbers[-3:]), "count": len(done.numbers)}
            self.stdout.write(_("Rows sealed: %(rows)s, in seals: %(count)s, the last: %(seals)s.") % facts)
        elif not done.busy:
            self.stdout.write(_("Every row is sealed already."))
        if done.busy:
            self.stdout.write(_("Another sealer is at work."))
        elif done.more:
            self.stdout.write(_("More rows wait; call again."))

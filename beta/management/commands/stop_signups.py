from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actors import Actor
from beta.actions import stop_signups
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = "STOP signups: from this commit on nobody gets a seat, by any path. The same act as the button, for when the site is down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", default="", help="why; can be given later on /ops/beta")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            program = stop_signups(actor=Actor.cli(), reason=options["reason"])
        except OpsError as error:
            raise CommandError(str(error)) from error
        since = timezone.localtime(program.stopped_at).strftime("%Y-%m-%d %H:%M:%S %Z")
        self.stdout.write(
            _("Signups are STOPPED since %(since)s by %(who)s, version %(version)s.")
            % {"since": since, "who": program.stopped_by, "version": program.stop_version}
        )
        for backend in program.ended_backends:
            self.stdout.write(_("Ended a connection that held the gate: pid %(pid)s, user %(user)s, application %(application)s.") % backend)

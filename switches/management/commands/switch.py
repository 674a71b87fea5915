import re
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from audit.actors import Actor
from opsportal import clock
from opsportal.errors import OpsError
from switches import actions, forced

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Command(BaseCommand):
    help = "Turn a switch on or off: the same act as on /ops/switches, for when the site is down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="for example ENABLE_JOBS")
        parser.add_argument("state", choices=["on", "off"])
        parser.add_argument("--reason", required=True, help="why; it goes into the audit log")
        parser.add_argument("--until", default="", help="off until then: 30m, 2h, 1d, or a time like 2026-11-23T09:00 (the team's zone)")

    def handle(self, *args: Any, **options: Any) -> None:
        name, until = options["name"], moment(options["until"])
        try:
            if options["state"] == "on":
                if until:
                    raise CommandError(_("--until is for off."))
                switch = actions.turn_on(actor=Actor.cli(), name=name, reason=options["reason"])
            else:
                switch = actions.turn_off(actor=Actor.cli(), name=name, reason=options["reason"], until=until)
        except OpsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_said(switch.pk, switch.is_on, switch.version, switch.off_until))
        if switch.is_on and name in forced.forced_off():
            self.stdout.write(_("The environment variable %(name)s still forces it off here, and wherever else it is set.") % {"name": name})


def moment(text: str) -> datetime | None:
    """None for nothing; raises CommandError for what is neither a length of time nor a time."""
    if not text:
        return None
    if found := re.fullmatch(r"(\d{1,5})([mhd])", text):
        return clock.now() + timedelta(**{UNITS[found[2]]: int(found[1])})
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(_("--until: “%(text)s” is neither like 30m, 2h or 1d nor a time like 2026-11-23T09:00.") % {"text": text})
    return timezone.make_aware(at, timezone.get_default_timezone()) if timezone.is_naive(at) else at


def _said(name: str, is_on: bool, version: int, until: datetime | None) -> str:
    facts = {"name": name, "version": version}
    if is_on:
        return _("%(name)s is on, version %(version)s.") % facts
    if until is None:
        return _("%(name)s is off, version %(version)s.") % facts
    return _("%(name)s is off until %(until)s, version %(version)s.") % {**facts, "until": f"{timezone.localtime(until):%Y-%m-%d %H:%M:%S %Z}"}

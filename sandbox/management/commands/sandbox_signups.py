import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sandbox.http import BadAddress
from sandbox.signups import CannotStart, Plan, Report, run


class Command(BaseCommand):
    help = "Plays a product whose households all sign up at once, over HTTP. For drills: real seats are taken. Never in production."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=settings.OPS_BASE_URL, help="where the portal is (default: %(default)s)")
        parser.add_argument("--key", required=True, help="an API key with the scope “signups”")
        parser.add_argument("--clients", type=int, default=200, help="kept connections, each with one request at a time (default: %(default)s)")
        parser.add_argument("--attempts", type=int, default=None, help="households that try, in all (default: 2000, without --seconds)")
        parser.add_argument("--seconds", type=float, default=None, help="stop after so many seconds")
        parser.add_argument("--invite", action="append", default=[], metavar="CODE", help="an invite code; several are used in turn")
        parser.add_argument("--invites-file", metavar="FILE", help="invite codes, one a line")
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("sandbox_signups does not run in production: it would take real seats for households that do not exist.")
        try:
            report = run(plan_of(options))
        except (BadAddress, CannotStart) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict()))
            return
        for line in lines(report):
            self.stdout.write(line)


def plan_of(options: dict[str, Any]) -> Plan:
    """Raises CommandError for options that make no sense."""
    attempts, seconds = options["attempts"], options["seconds"]
    if not 1 <= options["clients"] <= 2000:
        raise CommandError("--clients: between 1 and 2000.")
    if attempts is not None and attempts < 1:
        raise CommandError("--attempts: 1 or more.")
    if seconds is not None and not 0 < seconds <= 86400:
        raise CommandError("--seconds: more than 0, a day at most.")
    if attempts is None and seconds is None:
        attempts = 2000
    invites = [*options["invite"], *codes(options["invites_file"])]
    return Plan(options["url"], options["key"].strip(), options["clients"], attempts, seconds, invites)


def codes(path: str | None) -> list[str]:
    if path is None:
        return []
    try:
        return [line.strip() for line in Path(path).read_text().splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--invites-file: {error}") from None


def lines(report: Report) -> list[str]:
    facts = report.as_dict()
    shown = [f"{facts['attempts']} attempts in {facts['seconds']} s, {facts['per_second']} a second", f"seated   {facts['seated']:>7}"]
    shown += [f"refused  {count:>7}  {code}" for code, count in facts["refused"].items()] or [f"refused  {0:>7}"]
    shown += [f"errors   {count:>7}  {error}" for error, count in facts["errors"].items()] or [f"errors   {0:>7}"]
    if facts["repeated"]:
        shown.append(f"repeated {facts['repeated']:>7}  after a broken connection, with the same idempotency key")
    return [*shown, "latency  " + "  ".join(f"{name} {value} ms" for name, value in facts["latency_ms"].items())]

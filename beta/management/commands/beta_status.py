import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from beta.queries import active_households, gate_state, get_program, invite_counts, seated_since


class Command(BaseCommand):
    help = "How the beta stands: seats, stopped or open, day, invites, and whether the gate's counter agrees with the rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        facts = collect()
        if options["json"]:
            self.stdout.write(json.dumps(facts, cls=DjangoJSONEncoder))
            return
        for line in lines(facts):
            self.stdout.write(line)


def collect() -> dict[str, Any]:
    program = get_program()
    return asdict(gate_state(program)) | {
        "name": program.name,
        "days": program.days,
        "starts_on": program.starts_on,
        "invite_only": program.invite_only,
        "stopped_at": program.stopped_at,
        "stopped_by": program.stopped_by,
        "stop_reason": program.stop_reason,
        "stopped_by_environment_of": program.env_stops,
        "stopped_by_this_environment": settings.BETA_SIGNUPS_PAUSED,
        "seated_after_stop": None if program.stop_version is None else seated_since(program.stop_version),
        "invites_paused": program.invites_paused_at is not None,
        "invites": asdict(invite_counts()),
        "counter_agrees": program.seats_taken == active_households(),
    }


def lines(facts: dict[str, Any]) -> list[str]:
    if facts["stopped_at"]:
        since = timezone.localtime(facts["stopped_at"]).strftime("%Y-%m-%d %H:%M:%S %Z")
        state = _("STOPPED since %(since)s by %(who)s") % {"since": since, "who": facts["stopped_by"] or _("another client of the database")}
    elif facts["stopped"]:
        state = _("STOPPED by BETA_SIGNUPS_PAUSED in the environment")
    else:
        state = _("open") if facts["open"] else _("full")
    day = _("day %(day)s of %(days)s") % facts if facts["day"] else _("not within its days")
    return [
        f"{facts['name']}: {state}",
        _("Seats: %(seats_taken)s of %(cap)s, %(day_words)s, version %(version)s") % {**facts, "day_words": day},
        _("Invites: %(live)s uses live, %(used)s used, %(expired)s expired, %(revoked)s revoked") % facts["invites"],
        _("The gate's counter agrees with the rows.") if facts["counter_agrees"] else _("THE GATE'S COUNTER DOES NOT AGREE WITH THE ROWS."),
    ]

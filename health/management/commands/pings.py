import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from health.models import Ping
from health.queries import row_of
from health.queries.ping import Row


class Command(BaseCommand):
    help = "Every ping: how it stands now and why, its schedule, when it was last heard of and when it is expected."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [row_of(ping) for ping in Ping.objects.order_by("name", "pk")]
        if options["json"]:
            self.stdout.write(json.dumps({"pings": [facts(row) for row in rows]}, cls=DjangoJSONEncoder))
            return
        for row in rows:
            self.stdout.write(f"{row.now.state.label:9} {row.ping.name}  ({row.schedule})")
            self.stdout.write(" " * 10 + " ".join([row.words, *_heard(row.ping)]))
        if not rows:
            self.stdout.write(_("There is no ping yet."))


def facts(row: Row) -> dict[str, Any]:
    """What `--json` prints: times in UTC, spans in seconds. The address is not among it: whoever knows it can call it."""
    ping, now = row.ping, row.now
    return {
        "id": ping.pk, "name": ping.name, "slug": ping.slug, "state": now.state.value, "since": now.since, "why": now.why,
        "exit_status": now.exit_status, "running": now.is_running, "schedule": ping.cron or None, "time_zone": ping.zone if ping.cron else None,
        "every_seconds": ping.every and int(ping.every.total_seconds()), "grace_seconds": int(ping.grace.total_seconds()),
        "last_ping": ping.last_ping_at, "last_duration_seconds": ping.last_duration and round(ping.last_duration.total_seconds(), 3),
        "next_expected": ping.expected_at, "deadline": ping.deadline, "calls": ping.calls,
    }  # fmt: skip


def _heard(ping: Ping) -> list[str]:
    if ping.last_ping_at is None:
        return []
    return [_("Last heard of %(at)s.") % {"at": timezone.localtime(ping.last_ping_at).strftime("%Y-%m-%d %H:%M:%S %Z")}]

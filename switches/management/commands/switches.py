import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from switches import desk
from switches.desk import Line


class Command(BaseCommand):
    help = "Every switch: its state, since when, who changed it and why, and who has read it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [*desk.lines(), *desk.reading_lines()]
        if options["json"]:
            self.stdout.write(json.dumps({"switches": [as_json(line) for line in lines]}, cls=DjangoJSONEncoder))
            return
        for line in lines:
            self.stdout.write(in_words(line))


def as_json(line: Line) -> dict[str, Any]:
    facts = {name: getattr(line, name) for name in ("name", "version", "since", "by", "reason", "off_until", "forced_by_env", "is_on_here")}
    readers = [{"client": reader.label, "read_at": reader.read_at, "version": reader.version} for reader in line.readers]
    return {**facts, "value": line.is_on, "seen": {"ok": True, "warn": False}.get(line.seen), "read_by": readers}


def in_words(line: Line) -> str:
    parts = [f"{line.name:<26} {line.word:<20} {line.seen_word}"]
    if line.since:
        parts.append(_("since %(since)s") % {"since": f"{timezone.localtime(line.since):%Y-%m-%d %H:%M:%S %Z}"})
    parts += [part for part in (line.by, line.reason) if part]
    if line.off_until:
        parts.append(_("until %(when)s") % {"when": f"{timezone.localtime(line.off_until):%Y-%m-%d %H:%M:%S %Z}"})
    return " · ".join(parts)

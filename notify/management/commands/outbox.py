import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notify import queries
from notify.models import Message
from opsportal import clock

SHOWN = 20


class Command(BaseCommand):
    help = "How the outbox stands: what waits, since when, and what is dead and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        figures, dead = queries.figures(), list(queries.filtered(state="dead").order_by("-created_at", "-pk")[:SHOWN])
        if options["json"]:
            self.stdout.write(json.dumps(queries.as_json(figures) | {"newest_dead": [_facts(message) for message in dead]}))
            return
        wait = figures.oldest_wait
        oldest = f", the oldest for {_words(wait.total_seconds())}" if wait else ""
        self.stdout.write(f"{figures.waiting} waiting{oldest}; {figures.dead} dead.")
        for message in dead:
            self.stdout.write(f"  {message.pk}  {message.topic} to {message.to}: {message.error}")


def _facts(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.pk), "key": message.key, "topic": message.topic, "to": message.to, "attempts": message.attempts, "error": message.error,
        "age_seconds": round((clock.now() - message.created_at).total_seconds()),
    }  # fmt: skip


def _words(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"

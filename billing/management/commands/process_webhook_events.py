from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.actors import Actor
from billing import actions
from billing.models import WebhookEvent
from billing.processing.claiming import due_pks
from billing.processing.working import process_event
from billing.states import EventState
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = (
        "Works on webhook events that are due, in this process: for when no worker does. A line for each. Any number of these may run beside"
        " the workers: each event is done once. Ends with 1 if an event could not be processed, with 0 otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--failed", action="store_true", help="those that need a person, again, instead of those that are due; audited")
        which.add_argument("--id", type=int, dest="event_pk", metavar="N", help="only the event with this number, whatever became of it; audited")
        parser.add_argument("--limit", type=int, default=500, metavar="N", help="events at most, the oldest first (default and most: 500)")
        parser.add_argument("--reason", default="", help="for the audit log, with --failed and --id")

    def handle(self, *args: Any, **options: Any) -> None:
        limit = min(options["limit"], actions.event.MOST_AT_ONCE)
        if limit < 1:
            raise CommandError(_("--limit takes a number from 1 on."))
        try:
            found = self._chosen(limit, failed=options["failed"], event_pk=options["event_pk"], reason=options["reason"])
        except OpsError as error:
            raise CommandError(str(error)) from None
        states = [self._process(place, len(found), event_pk) for place, event_pk in enumerate(found, 1)]
        done = states.count(EventState.DONE)
        failed = sum(state not in (None, EventState.DONE) for state in states)
        numbers = {"done": done, "failed": failed, "others": len(states) - done - failed}
        self.stdout.write(_("%(done)s processed, %(failed)s failed, %(others)s taken by another worker.") % numbers)
        if failed:
            raise SystemExit(1)

    def _chosen(self, limit: int, *, failed: bool, event_pk: int | None, reason: str) -> list[int]:
        if event_pk is not None:
            if not WebhookEvent.objects.filter(pk=event_pk, state=EventState.RECEIVED).exists():
                actions.replay_event(actor=Actor.cli(), event_id=event_pk, reason=reason)
            return [event_pk]
        if not failed:
            return due_pks(limit)
        waiting = WebhookEvent.objects.filter(state=EventState.PERSON).order_by("received_at", "pk")
        found = list(waiting.values_list("pk", flat=True)[:limit])
        return actions.replay_events(actor=Actor.cli(), event_ids=found, reason=reason) if found else []

    def _process(self, place: int, total: int, event_pk: int) -> EventState | None:
        state = process_event(event_pk)
        event = WebhookEvent.objects.get(pk=event_pk)
        said = event.get_effect_display() if state == EventState.DONE else event.error
        line = f"{place}/{total}  #{event.pk} {event.provider} {event.event_type} {event.event_id}: {event.get_state_display()}"
        self.stdout.write(f"{line}, {said}" if said else line)
        return state

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.actors import Actor
from jobs import actions, words
from jobs.actions import NotRun
from jobs.engine.execution import Execution
from jobs.engine.lease import Held, claim
from jobs.models import Run, State, Trigger
from opsportal.errors import NotFound, OpsError

NOT_RUN = 2


class Command(BaseCommand):
    help = (
        "Ask for a run of a job now, past its schedule but not past its checks. It waits for a worker; with --wait it is carried out here, "
        "which needs neither worker nor broker, and takes up a run that waits already. Ends with 0 when that is done, 1 when the run failed or was cut short, 2 when it does not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the job; “manage.py jobs” lists them")
        parser.add_argument("--wait", action="store_true", help="carry it out in this process; each batch is a line on standard error")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run, held = _claimed(options["name"]) if options["wait"] else (_asked(options["name"]), None)
        except NotFound as error:
            jobs = ", ".join(error.facts.get("jobs", []))
            raise CommandError(_("%(error)s There are: %(jobs)s.") % {"error": error, "jobs": jobs or "-"}) from error
        except OpsError as error:
            raise CommandError(str(error), returncode=NOT_RUN) from error
        if not options["wait"]:
            self.stdout.write(_("Run %(number)s of %(job)s waits for a worker.") % {"number": run.pk, "job": run.job})
            return
        if held is not None:
            self._carry_out(held)
        self._tell(Run.objects.get(pk=run.pk))

    def _carry_out(self, held: Held) -> None:
        try:
            Execution(held).go()
        except KeyboardInterrupt:
            # The engine has given the lease back, so this says how far it came.
            self.stderr.write(_("Interrupted."))

    def _tell(self, run: Run) -> None:
        """The outcome on standard output; raises CommandError for any but success."""
        facts = {"number": run.pk, "job": run.job, "why": words.ended(run.ended_because), "error": run.error.partition("\n")[0]}
        if run.state == State.REFUSED:
            raise CommandError(_("Run %(number)s of %(job)s did not run. %(why)s") % facts, returncode=NOT_RUN)
        seconds = round(run.duration.total_seconds(), 1) if run.duration else 0
        figures = {"batches": run.batches, "items": run.items, "failed": run.failed_items, "seconds": seconds}
        self.stdout.write(_("Batches: %(batches)s, items: %(items)s, of which failed: %(failed)s, seconds: %(seconds)s") % figures)
        if run.state != State.SUCCEEDED:
            raise CommandError((_("Run %(number)s of %(job)s did not succeed. %(why)s %(error)s") % facts).strip())
        self.stdout.write(_("Run %(number)s of %(job)s succeeded. %(why)s") % facts)


def _asked(name: str) -> Run:
    return actions.request_run(actor=Actor.cli(), job=name, trigger=Trigger.COMMAND)


@transaction.atomic
def _claimed(name: str) -> tuple[Run, Held | None]:
    """Asked for and claimed at once, so that no worker is quicker. One that waits for a worker already is taken from there."""
    try:
        run = _asked(name)
    except NotRun as error:
        waiting = Run.objects.filter(pk=error.facts.get("run_id", 0), state=State.QUEUED).first()
        if waiting is None:
            raise
        run = waiting
    return run, claim(run.pk)

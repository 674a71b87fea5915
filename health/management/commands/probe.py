from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.actors import Actor
from health import probe_words
from health.actions import run_probe
from health.models import Probe, ProbeResult
from opsportal.errors import OpsError


class Command(BaseCommand):
    help = "Looks with a probe now, or with all that are not paused. Ends with 0 if all answered as expected, 1 if one did not, 2 if there is no such probe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("name", nargs="?", help="the probe's name")
        which.add_argument("--all", action="store_true", help="every probe that is not paused")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Probe.objects.filter(paused_at=None) if options["all"] else Probe.objects.filter(name=options["name"])
        probes = list(wanted.order_by("name"))
        if not probes:
            raise CommandError(_("There is no such probe."), returncode=2)
        results = [self._run(probe) for probe in probes]
        if not all(result and result.ok for result in results):
            raise CommandError(_("Not all answered as expected."), returncode=1)

    def _run(self, probe: Probe) -> ProbeResult | None:
        try:
            result = run_probe(actor=Actor.cli(), probe_id=probe.pk)
        except OpsError as error:
            self.stdout.write(f"?     {probe.name}: {error}")
            return None
        why = probe_words.why(result.fault, {**result.facts, "step": result.step})
        self.stdout.write(f"{'ok' if result.ok else 'FAIL':5} {probe.name}: {probe_words.seconds(result.ms)}{f', {why}' if why else ''}")
        return result

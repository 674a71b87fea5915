import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.verifying import Report, read_heads, verify
from audit.verifying.heads import Head
from opsportal.errors import Invalid

TAMPERED, FAILED = 1, 2


class Command(BaseCommand):
    help = "Check the audit log against its seals. Ends with 0 where all is as it was sealed, 1 where it is not, 2 where it could not be checked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--since", type=int, default=1, metavar="N", help="begin at seal N; the one before it is believed")
        parser.add_argument(
            "--heads", action="append", default=[], type=Path, metavar="FILE", help="heads that left: a JSON object a line; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["since"] < 1:
            raise CommandError(_("Seals are counted from 1."), returncode=FAILED)
        try:
            report = verify(since=options["since"], heads=_heads(options["heads"]), progress=self._progress)
        except (Invalid, OSError) as error:
            raise CommandError(str(error), returncode=FAILED) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), cls=DjangoJSONEncoder))
        else:
            self._show(report)
        if not report.is_clean:
            sys.exit(TAMPERED)

    def _progress(self, report: Report) -> None:
        self.stderr.write(_("seal #%(last)s, %(rows)s rows, %(found)s findings") % {"last": report.last, "rows": report.rows, "found": report.found})

    def _show(self, report: Report) -> None:
        for finding in report.findings:
            self.stdout.write(finding.words)
        if report.found > len(report.findings):
            self.stdout.write(_("and %(more)s findings more") % {"more": report.found - len(report.findings)})
        facts = {"seals": report.seals, "first": report.first, "rows": report.rows, "heads": report.heads}
        self.stdout.write(_("Checked %(seals)s seals from #%(first)s on, %(rows)s rows, %(heads)s heads that left.") % facts)
        if report.waiting_since:
            since = timezone.localtime(report.waiting_since).strftime("%Y-%m-%d %H:%M:%S %Z")
            self.stdout.write(_("Not sealed yet, so not checked: %(rows)s rows, the oldest of %(since)s.") % {"rows": report.waiting, "since": since})
        self.stdout.write(
            _("All is as it was sealed.") if report.is_clean else _("NOT as it was sealed: %(found)s findings.") % {"found": report.found}
        )


def _heads(files: list[Path]) -> Iterator[Head]:
    for file in files:
        with file.open() as lines:
            yield from read_heads(lines)

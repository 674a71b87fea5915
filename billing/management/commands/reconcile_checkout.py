import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from audit.actors import Actor
from billing.reconciling import Applied, Diagnosis, Snapshot, apply_reconciliation, diagnose, digest, snapshot
from billing.reconciling.printing import as_json, as_text, facts_of, proposal_text
from billing.wording import effect_in_words
from opsportal.errors import Invalid, NotFound, OpsError

DONE, LEFT, BAD_USE = 0, 1, 2


class Command(BaseCommand):
    help = "Put right one checkout: a dry run, before → after; with --apply the same act as on its page, for when the site is down."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = (
            "exit codes: 0 all sides agree, or applied and they agree now; 1 a disagreement is left (also after a dry run that would\n"
            "mend it), or the provider could not be asked; 2 no such checkout, or bad use"
        )
        parser.add_argument("--checkout-id", required=True, metavar="ID", help="our checkout's id")
        parser.add_argument("--apply", action="store_true", help="write it; without, nothing is written")
        parser.add_argument("--reason", default="", help="why; needed with --apply, goes into the audit log")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = snapshot(options["checkout_id"])
            diagnosis = diagnose(found)
            if options["apply"] and (diagnosis.proposal or found.report is None):
                sys.exit(self._apply(found, options))
        except (Invalid, NotFound) as error:
            self.stderr.write(str(error))
            sys.exit(BAD_USE)
        except OpsError as error:
            self.stderr.write(str(error))
            sys.exit(LEFT)
        self.stdout.write(as_json(found, diagnosis) if options["json"] else as_text(found, diagnosis))
        if not options["json"]:
            self.stdout.write(_dry_run(diagnosis))
        sys.exit(_code(found, diagnosis))

    def _apply(self, found: Snapshot, options: dict[str, Any]) -> int:
        done = apply_reconciliation(actor=Actor.cli(), checkout_id=options["checkout_id"], reason=options["reason"], digest=digest(found))
        said = effect_in_words(done.effect.kind, done.effect.reason or "", done.effect.facts)
        if options["json"]:
            self.stdout.write(json.dumps({"applied": True, "effect": said, "audit_row": done.audit_pk, **facts_of(done.snapshot, done.diagnosis)}, indent=2, ensure_ascii=False))  # fmt: skip
        else:
            self.stdout.write(_proof(done, said))
        return _code(done.snapshot, done.diagnosis)


def _code(found: Snapshot, diagnosis: Diagnosis) -> int:
    return LEFT if diagnosis.problems or found.asked.could_not else DONE


def _dry_run(diagnosis: Diagnosis) -> str:
    if diagnosis.proposal is None:
        return diagnosis.why_not or _("Nothing would change.")
    return "\n".join((_("What would change (nothing is written; add --apply --reason …):"), proposal_text(diagnosis.proposal)))


def _proof(done: Applied, said: str) -> str:
    return "\n".join((_("Applied. %(effect)s. Audit row %(row)d.") % {"effect": said, "row": done.audit_pk}, as_text(done.snapshot, done.diagnosis)))

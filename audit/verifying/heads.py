"""The chain against heads that left: the only thing that finds a chain that was cut off, or made anew, by who may write all of it."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from django.utils.translation import gettext as _

from audit.models import AuditSeal
from audit.verifying.findings import Kind, Report
from opsportal.errors import Invalid

_CHUNK = 500
Head = tuple[int, str]


def read_heads(lines: Iterable[str]) -> Iterator[Head]:
    """(number, head in hex) of each JSON line; of a log, the lines of other events are passed over. Raises Invalid for one that is no JSON object."""
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            facts = json.loads(line)
            if facts.get("event", "audit seal") == "audit seal":
                yield int(facts["number"]), str(facts["head"])
        except (ValueError, KeyError, AttributeError, TypeError):
            raise Invalid(_("Line %(line)s of the heads is not one of ours.") % {"line": place}, field="heads") from None


def check_heads(heads: Iterable[Head], report: Report) -> None:
    """Each head that left is still that seal's head."""
    heads = iter(heads)
    while chunk := list(islice(heads, _CHUNK)):
        there = dict(AuditSeal.objects.filter(number__in=[number for number, _head in chunk]).values_list("number", "head"))
        report.heads += len(chunk)
        for number, head in chunk:
            if number not in there:
                words = _("Removed: seal #%(seal)s; its head left, and it is not in the chain any more.") % {"seal": number}
                report.add(Kind.SEAL_REMOVED, words, seal=number)
            elif bytes(there[number]).hex() != head:
                words = _("Made anew: seal #%(seal)s is not the one whose head left.") % {"seal": number}
                report.add(Kind.HEAD_DIFFERS, words, seal=number)

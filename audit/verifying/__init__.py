"""Checking the chain: what was altered, removed, inserted or reordered since it was sealed. Reads in order, a seal at a time."""

import time
from collections.abc import Iterable, Iterator

from django.db import connection
from django.utils.translation import gettext as _

from audit.hashing import head_of
from audit.models import AuditSeal
from audit.queries import waiting
from audit.verifying.findings import Finding, Kind, Progress, Report
from audit.verifying.heads import Head, check_heads, read_heads
from audit.verifying.rows import check_inserted, check_rows
from opsportal.errors import Invalid

__all__ = ["Finding", "Kind", "Report", "read_heads", "verify"]

_CHUNK = 20
# What keeps rows and seals from being changed; whoever changed some had to take one away.
TRIGGERS = {
    "ops_audit_logs": {"audit_rows_append_only", "audit_table_append_only", "audit_stamp"},
    "ops_audit_seals": {"audit_seals_rows_append_only", "audit_seals_table_append_only"},
}
_ENABLED = "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled = 'A'"


def verify(
    *, since: int = 1, until: int | None = None, heads: Iterable[Head] = (), seconds: float | None = None, progress: Progress = lambda report: None
) -> Report:
    """Check the seals from number `since` to `until` (the last one where None), the rows they cover, and that no row stands among them.

    With `since`, the seal before it is believed; raises Invalid where the chain does not reach it. `heads` are compared whatever their numbers. After `seconds` it stops and says so.
    `progress` is called every few seals. A report of one seal or of all is of one size; nothing is written.
    """
    report = Report(first=since)
    _check_triggers(report)
    last = before = _believed(since, report)
    deadline = None if seconds is None else time.monotonic() + seconds
    for seal in _seals(since, until):
        if deadline is not None and report.seals and time.monotonic() > deadline:
            report.complete = False
            break
        last = _check_seal(seal, last, report)
        if report.seals % _CHUNK == 0:
            progress(report)
    if last is not None:
        check_inserted(before.settled if before else None, last.settled, report)
    check_heads(heads, report)
    behind = waiting()
    report.waiting, report.waiting_since = behind.rows, behind.since
    return report


def _believed(since: int, report: Report) -> AuditSeal | None:
    """The seal before the first one to be checked."""
    before = AuditSeal.objects.filter(number=since - 1).first()
    if before is None and since > 1:
        if not AuditSeal.objects.filter(number__gte=since).exists():
            raise Invalid(_("The chain has no seal #%(seal)s.") % {"seal": since}, field="since")
        report.add(Kind.SEAL_REMOVED, _("Removed: seal #%(seal)s, before the first one to be checked.") % {"seal": since - 1}, seal=since - 1)
    return before


def _seals(since: int, until: int | None) -> Iterator[AuditSeal]:
    number = since - 1
    while chunk := list(AuditSeal.objects.filter(number__gt=number, **({} if until is None else {"number__lte": until})).order_by("number")[:_CHUNK]):
        yield from chunk
        number = chunk[-1].number


def _check_seal(seal: AuditSeal, last: AuditSeal | None, report: Report) -> AuditSeal:
    number = seal.number
    expected = last.number + 1 if last else report.first
    if number > expected:
        gone = f"#{expected}" if expected == number - 1 else f"#{expected}–#{number - 1}"
        report.add(Kind.SEAL_REMOVED, _("Removed: seal %(gone)s; the chain goes on at #%(seal)s.") % {"gone": gone, "seal": number}, seal=expected)
    elif last is not None and bytes(seal.previous or b"") != bytes(last.head):
        report.add(Kind.SEAL_FORKED, _fork(seal, last), seal=number)
    if head_of(seal) != bytes(seal.head):
        report.add(Kind.SEAL_ALTERED, _("Altered: seal #%(seal)s does not hash to its own head.") % {"seal": number}, seal=number)
    check_rows(seal, report)
    report.last, report.head = number, bytes(seal.head).hex()
    report.seals += 1
    return seal


def _fork(seal: AuditSeal, last: AuditSeal) -> str:
    told = AuditSeal.objects.filter(head=seal.previous).values_list("number", flat=True).first()
    if told is None:
        return _("Altered: seal #%(seal)s continues a head that no seal has; #%(last)s was made anew, or it was.") % {
            "seal": seal.number,
            "last": last.number,
        }
    return _("Forked: seal #%(seal)s continues #%(told)s and not #%(last)s.") % {"seal": seal.number, "told": told, "last": last.number}


def _check_triggers(report: Report) -> None:
    for table, names in TRIGGERS.items():
        with connection.cursor() as cursor:
            cursor.execute(_ENABLED, [table])
            enabled = {name for (name,) in cursor.fetchall()}
        for name in sorted(names - enabled):
            words = _("Unprotected: the trigger %(name)s of %(table)s is off or gone; rows could be changed.") % {"name": name, "table": table}
            report.add(Kind.UNPROTECTED, words)

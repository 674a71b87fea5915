"""The rows against the seals that cover them."""

from hashlib import sha256
from itertools import islice

from django.db import connection
from django.utils.translation import gettext as _

from audit.hashing import CANONICAL, FINGERPRINT_BYTES, ROW_FORM, digest_of, row_hash
from audit.models import AuditSeal
from audit.ranges import IdRangesField, Spans, ids_of, in_words, size_of
from audit.verifying.findings import LISTED, Kind, Report

_ROWS = f"""
SELECT one.* FROM unnest(%(members)s::int8multirange) AS span,
LATERAL (SELECT id, {CANONICAL} FROM ops_audit_logs WHERE id >= lower(span) AND id < upper(span) ORDER BY id LIMIT %(most)s) AS one
LIMIT %(most)s
"""  # noqa: S608
_INSERTED = """
WITH checked AS (SELECT int8multirange(int8range(%(above)s::bigint, %(settled)s::bigint, '(]')) AS ids),
known AS (SELECT COALESCE(range_agg(members), '{}') AS ids FROM checked, ops_audit_seals WHERE members && checked.ids)
SELECT one.id FROM checked, known, unnest(checked.ids - known.ids) AS span,
LATERAL (SELECT id FROM ops_audit_logs WHERE id >= COALESCE(lower(span), -9223372036854775808) AND id < upper(span) ORDER BY id LIMIT %(most)s) AS one
LIMIT %(most)s
"""
# Pairs to try, at most, to say that rows changed places.
_PAIRS = 10_000
Row = tuple[int, str]


def check_rows(seal: AuditSeal, report: Report) -> None:
    """Each row that the seal covers is there, and hashes to what it did."""
    if size_of(seal.members) != seal.rows or len(seal.fingerprints) != seal.rows * FINGERPRINT_BYTES:
        # An altered seal, and told as such: it names no rows that could be looked for.
        return
    found = _rows_of(seal.members, seal.rows)
    report.rows += len(found)
    there = {one for one, _canonical in found}
    if gone := [one for one in ids_of(seal.members) if one not in there]:
        report.add(
            Kind.ROW_REMOVED, _("Removed: row %(ids)s of seal #%(seal)s.") % {"ids": in_words(gone), "seal": seal.number}, seal=seal.number, ids=gone
        )
    hashes = [row_hash(canonical) for _id, canonical in found]
    if not gone and digest_of(hashes) == bytes(seal.digest):
        return
    _name_altered(seal, found, hashes, report, whole=not gone)


def _rows_of(members: Spans, rows: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"members": IdRangesField().get_prep_value(members), "most": rows})
        return sorted(cursor.fetchall())


def _name_altered(seal: AuditSeal, found: list[Row], hashes: list[bytes], report: Report, *, whole: bool) -> None:
    prints = bytes(seal.fingerprints)
    wanted = {
        one: prints[at : at + FINGERPRINT_BYTES] for one, at in zip(ids_of(seal.members), range(0, len(prints), FINGERPRINT_BYTES), strict=True)
    }
    altered = [row for row, hashed in zip(found, hashes, strict=True) if hashed[:FINGERPRINT_BYTES] != wanted[row[0]]]
    moved = _moved(altered, wanted)
    for new, old in moved.items():
        words = _("Reordered: what was row %(old)s stands as row %(new)s, in seal #%(seal)s.") % {"old": old, "new": new, "seal": seal.number}
        report.add(Kind.ROW_MOVED, words, seal=seal.number, ids=(old, new))
    if rest := [one for one, _canonical in altered if one not in moved]:
        report.add(
            Kind.ROW_ALTERED, _("Altered: row %(ids)s of seal #%(seal)s.") % {"ids": in_words(rest), "seal": seal.number}, seal=seal.number, ids=rest
        )
    if whole and not altered:
        words = _("Altered: a row of seal #%(seal)s; which one of them its fingerprints don't tell.") % {"seal": seal.number}
        report.add(Kind.ROWS_ALTERED, words, seal=seal.number, ids=islice(wanted, LISTED))


def _moved(altered: list[Row], wanted: dict[int, bytes]) -> dict[int, int]:
    """Where a row's content is that of another altered id: {id now: id it had}."""
    if len(altered) ** 2 > _PAIRS:
        return {}
    moved = {}
    for now, canonical in altered:
        rest = canonical[len(_beginning(now)) :]
        for old, _canonical in altered:
            if sha256((_beginning(old) + rest).encode()).digest()[:FINGERPRINT_BYTES] == wanted[old]:
                moved[now] = old
    return moved


def _beginning(row_id: int) -> str:
    return f'["{ROW_FORM}", {row_id},'


def check_inserted(above: int | None, settled: int, report: Report) -> None:
    """No row stands, above one id and up to another, that no seal covers: none could still come there. None means from the beginning."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERTED, {"above": above, "settled": settled, "most": LISTED})
        found = sorted(one for (one,) in cursor.fetchall())
    if found:
        words = _("Inserted: row %(ids)s, among rows that were sealed without it.") % {"ids": in_words(found)}
        report.add(Kind.ROW_INSERTED, words, ids=found)

"""Sealing: every committed row that no seal covers yet gets into one, whatever the order in which transactions commit.

Ids are handed out in order and become visible in any order. A seal therefore lists the ids it covers, and the next one looks at
all ids above `settled` that no seal has. An open transaction holds back nobody else's rows: its ids are gaps until it ends.

`settled` moves on by what PostgreSQL's lock table says. Whoever took an id holds a lock on ops_audit_logs from before that
until its end. So each seal notes, after it has read, which transactions hold one; once none of them does any more, all that
will ever come of the ids up to that seal's `high` is to be seen. No transaction's number is compared: those begin anew when
a dump is restored.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from audit import heads
from audit.actors import Actor
from audit.hashing import CANONICAL, digest_of, fingerprints_of, head_of, row_hash
from audit.models import AuditSeal
from audit.ranges import spans_of

# Rows of one seal, at most: what a seal's transaction costs, and what a check of one reads.
BATCH = 5_000
# Of pg_advisory_xact_lock: the letters of "seal".
LOCK = 0x7365616C

_BEGIN = f"SELECT pg_try_advisory_xact_lock({LOCK}), statement_timestamp(), current_setting('transaction_isolation')"
_HOLDERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'ops_audit_logs'::regclass AND mode = 'RowExclusiveLock'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid IS DISTINCT FROM pg_backend_pid()
ORDER BY 1
"""
_ROWS = f"""
WITH known AS (SELECT COALESCE(range_agg(members), '{{}}') AS ids FROM ops_audit_seals WHERE high > %(settled)s)
SELECT one.* FROM known, unnest(int8multirange(int8range(%(settled)s::bigint + 1, NULL)) - known.ids) AS span,
LATERAL (
    SELECT id, {CANONICAL} AS canonical FROM ops_audit_logs WHERE id >= lower(span) AND id < COALESCE(upper(span), 9223372036854775807) ORDER BY id LIMIT %(most)s
) AS one
LIMIT %(most)s
"""  # noqa: S608
# Without statistics (a restored log, a million rows at once) the planner would read and sort all that waits, for each batch anew.
_PLANS = ("enable_bitmapscan", "enable_seqscan")
_SET = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _PLANS)
_AS_SET = "SELECT " + ", ".join(f"current_setting('{name}')" for name in _PLANS)
_SETTLED = "SELECT COALESCE(max(high), %(settled)s) FROM ops_audit_seals WHERE high > %(settled)s AND NOT awaited && %(holders)s::varchar[]"


@dataclass(slots=True)
class Sealing:
    """What a call did: the seals' numbers, their rows, whether rows wait for the next call, whether another sealer was at it."""

    numbers: list[int] = field(default_factory=list)
    rows: int = 0
    more: bool = False
    busy: bool = False


def seal_rows(*, actor: Actor, seconds: float = 20) -> Sealing:
    """Seal every committed row that no seal covers, BATCH rows a seal, each in a transaction of its own, for `seconds` at most.

    One sealer works at a time; a second one returns at once, with `busy`. Inside a caller's transaction the seals are there
    exactly if it commits. Raises RuntimeError in one that is not READ COMMITTED: it could not see what was committed last.
    It leaves no audit row: the seal is the record, and a row for each would have to be sealed in turn.
    """
    deadline = time.monotonic() + seconds
    done = Sealing()
    while True:
        with transaction.atomic():
            seal = _seal_batch(actor, done)
        if seal is None:
            return done
        done.numbers.append(seal.number)
        done.rows += seal.rows
        done.more = seal.rows == BATCH
        if not done.more or time.monotonic() > deadline:
            return done


def _seal_batch(actor: Actor, done: Sealing) -> AuditSeal | None:
    """The next seal; None where no row waits or another sealer works."""
    free, now = _begin()
    done.busy = not free
    if not free:
        return None
    last = AuditSeal.objects.defer("fingerprints").order_by("-number").first()
    holders = _holders()
    rows = _waiting(last.settled if last else 0)
    done.more = False
    return _add(actor, now, last, holders, rows) if rows else None


def _begin() -> tuple[bool, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN)
        free, now, isolation = cursor.fetchone()
    if isolation != "read committed":
        raise RuntimeError(f"seal_rows() needs READ COMMITTED, not {isolation.upper()}.")
    return free, now


def _holders() -> list[str]:
    """Every other transaction that may have taken an id and has not ended. Asked before the rows are read, to settle; and after, to be noted."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS)
        return [holder for (holder,) in cursor.fetchall()]


def _waiting(settled: int) -> list[tuple[int, str]]:
    """The lowest BATCH rows that no seal has, read in the order of their index."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_SET)
        before = cursor.fetchone()
        cursor.execute(_SET, ["off"] * len(_PLANS))
        cursor.execute(_ROWS, {"settled": settled, "most": BATCH})
        rows = sorted(cursor.fetchall())
        cursor.execute(_SET, before)
        return rows


def _add(actor: Actor, now: datetime, last: AuditSeal | None, holders: list[str], rows: list[tuple[int, str]]) -> AuditSeal:
    hashes = [row_hash(canonical) for _id, canonical in rows]
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        sealed_at=now,
        sealed_by=actor.label,
        rows=len(rows),
        members=spans_of(one for one, _canonical in rows),
        high=max(rows[-1][0], last.high if last else 0),
        settled=_settled(last, holders, cut=len(rows) == BATCH),
        awaited=_holders(),
        fingerprints=fingerprints_of(hashes),
        digest=digest_of(hashes),
        previous=last.head if last else None,
    )
    seal.head = head_of(seal)
    seal.save(force_insert=True)
    heads.send(seal)
    return seal


def _settled(last: AuditSeal | None, holders: list[str], *, cut: bool) -> int:
    """Up to where all that will ever come stands in this seal or one before it, given who held a lock before the rows were read."""
    settled = last.settled if last else 0
    # A prepared transaction that a restart of the server brought back has another name than before: any seal may await it.
    if cut or any(holder.startswith("-1/") for holder in holders):
        return settled
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED, {"settled": settled, "holders": holders})
        return int(cursor.fetchone()[0])

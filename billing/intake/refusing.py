"""Deliveries that are refused: every one counts, by provider, hour and reason, and a few are kept for a day to find out why.

Anybody can send them, and as fast as they like. So a process writes a count once a second at most, however many came: no crowd waits
for the one row, and a flood of them writes less than a trickle of true events. Of an hour, the first few of each reason are kept.
"""

import threading
import time
from collections import Counter
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction

from billing.models import SignatureFailure
from billing.report import Delivery
from opsportal import clock

EVERY_SECONDS = 1.0
KEPT_AN_HOUR = 8
MOST_KEPT = 200
KEPT_FOR = timedelta(days=1)
KEPT_BYTES = 16 * 1024
# Several that are kept at the same moment don't see each other; there are fewer kinds of refusal than this.
ROOM = 10

log = structlog.get_logger(__name__)

_COUNT = """
    INSERT INTO webhook_signature_counts AS counted (provider, hour, reason, times, last_at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (provider, hour, reason) DO UPDATE SET times = counted.times + excluded.times, last_at = greatest(counted.last_at, excluded.last_at)
    RETURNING times
"""
_MAKE_ROOM = """
    DELETE FROM webhook_signature_failures WHERE provider = %s AND at <= (
        SELECT at FROM webhook_signature_failures WHERE provider = %s ORDER BY at DESC OFFSET %s LIMIT 1)
"""
Key = tuple[str, datetime, str]
Kept = tuple[Delivery, str, str]

_lock = threading.Lock()
_uncounted: Counter[Key] = Counter()
_written_at: dict[tuple[str, str], float] = {}
_is_due_later = False


def refuse(provider: str, reason: str, *, delivery: Delivery | None = None, query: str = "", ip: str = "") -> None:
    """Count it, and keep the delivery if it is one of the few. Never fails: the answer is the same without."""
    now, at = clock.now(), time.monotonic()
    key = (provider, now.replace(minute=0, second=0, microsecond=0), reason[:20])
    with _lock:
        _uncounted[key] += 1
        if at - _written_at.get((provider, key[2]), float("-inf")) < EVERY_SECONDS:
            return _later()
        _written_at[provider, key[2]] = at
        times = _uncounted.pop(key)
    _write(key, times, now, (delivery, query, ip) if delivery else None)


def purge() -> int:
    """For the sweep: remove what has been kept for a day. Returns how many."""
    gone, _by_model = SignatureFailure.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
    return gone


def _later() -> None:
    """What was counted meanwhile is written when a second has passed, also if nothing more comes."""
    global _is_due_later
    if not _is_due_later:
        _is_due_later = True
        timer = threading.Timer(EVERY_SECONDS, _write_all)
        timer.daemon = True
        timer.start()


def _write_all() -> None:
    global _is_due_later
    with _lock:
        found, _is_due_later = dict(_uncounted), False
        _uncounted.clear()
    try:
        for key, times in found.items():
            _write(key, times, clock.now(), None)
    finally:
        # This thread ends; its connection goes back to the pool.
        connection.close()


def _write(key: Key, times: int, now: datetime, kept: Kept | None) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COUNT, [*key, times, now])
            if kept and cursor.fetchone()[0] - times < KEPT_AN_HOUR:
                cursor.execute(_MAKE_ROOM, [key[0], key[0], MOST_KEPT - ROOM])
                _keep(key, kept)
    except (DatabaseError, InterfaceError) as error:
        log.warning("billing.refusal_not_counted", provider=key[0], reason=key[2], error=type(error).__name__)
        with _lock:
            _uncounted[key] += times


def _keep(key: Key, kept: Kept) -> None:
    delivery, query, ip = kept
    SignatureFailure.objects.create(
        provider=key[0], at=clock.now(), reason=key[2], ip=ip or None, headers=dict(delivery.headers), query=query, body=delivery.raw[:KEPT_BYTES]
    )

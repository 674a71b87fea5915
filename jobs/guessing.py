"""Limits on guessing secrets and keys, by the caller's address, in PostgreSQL's cache table: they hold across processes and servers.

Only wrong ones are counted and held back. A right one is let in even from an address that is held back, so that nobody shuts
out a cron by guessing from behind the same router; 32 random characters are not found by guessing anyway.
"""

import math

from allauth.core.internal.ratelimit import truncate_ip
from django.core.cache import cache
from django.db import connection, transaction

from audit.actors import Actor
from jobs.actions.guess import report_guessing
from opsportal import clock

MOST, WITHIN_SECONDS = 10, 60
# One audit row for all addresses in this time; the log has a line for each try.
REPORTED_EVERY = 600

_LOCK = "SELECT pg_advisory_xact_lock(hashtext(%s))"


def count_wrong(address: str) -> int:
    """A wrong one came from there ("" where there is no address). Returns 0, or the seconds for which wrong ones are held back."""
    place = truncate_ip(address) or "unknown"
    key = f"jobs:wrong:{place}"
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at the same moment are two.
        cursor.execute(_LOCK, [key])
        now = clock.now().timestamp()
        tries: list[float] = [moment for moment in cache.get(key, []) if now - WITHIN_SECONDS < moment <= now]
        if len(tries) < MOST:
            cache.set(key, [*tries, now], WITHIN_SECONDS)
            return 0
        if cache.add("jobs:wrong-reported", place, REPORTED_EVERY):
            report_guessing(actor=Actor.anonymous(place), address=place, tries=MOST, seconds=WITHIN_SECONDS)
        return max(1, math.ceil(tries[0] + WITHIN_SECONDS - now))

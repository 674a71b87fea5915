"""How billing stands: a few bounded figures for the frame and the desk. Beyond its limit a count says “or more”."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from billing.queries.finding import STALE_AFTER, at_risk
from billing.states import FindingKind
from billing.sweeping import JOB
from opsportal import clock

MOST_COUNTED = 1_000
# The product has so long to say that it knows of a plan.
TOLD_WITHIN = timedelta(minutes=15)
WINDOW = timedelta(hours=24)
# A payment that took longer than that from its beginning is not among “paid today”.
LONGEST_PAYING = timedelta(days=7)
MOST_PAYMENTS = 50_000

_STANDING = """
    SELECT (SELECT count(*) FROM (SELECT FROM billing_findings WHERE closed_at IS NULL AND handled_at IS NULL LIMIT %(most)s) f),
           (SELECT count(*) FROM (SELECT FROM billing_findings WHERE closed_at IS NULL AND handled_at IS NULL AND kind <> %(person)s LIMIT %(most)s) f),
           (SELECT count(*) FROM (SELECT FROM webhook_events WHERE state = 'person' LIMIT %(most)s) e),
           (SELECT ended_at FROM jobs_run WHERE job = %(sweep)s AND state = 'succeeded' ORDER BY id DESC LIMIT 1)
"""
_PAID = """
    SELECT currency, count(*), sum(amount)::bigint FROM (
        SELECT currency, amount FROM payments WHERE created_at >= %(begun)s AND paid_at >= %(since)s AND base = 'approved'
        ORDER BY created_at DESC LIMIT %(most)s) p
    GROUP BY currency ORDER BY 3 DESC
"""
_EVENTS = """
    SELECT count(*), count(*) FILTER (WHERE state IN ('done', 'handled')), count(*) FILTER (WHERE state = 'person'),
           count(*) FILTER (WHERE state IN ('received', 'waiting')), count(*) FILTER (WHERE effect = 'none')
    FROM (SELECT state, effect FROM webhook_events WHERE received_at >= %(since)s ORDER BY received_at DESC LIMIT %(most)s) e
"""
_UNCONFIRMED = """
    SELECT count(*), min(created_at) FROM (
        SELECT created_at FROM plan_callbacks k WHERE confirmed_at IS NULL AND created_at < %(before)s
            AND NOT EXISTS (SELECT FROM plan_callbacks n WHERE n.customer_key = k.customer_key AND n.version > k.version)
        ORDER BY created_at LIMIT %(most)s) c
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`mismatches`: findings that are open and not handled; `findings`: those of them that are not about an event in `events`, which need a person."""

    mismatches: int
    findings: int
    events: int
    swept_at: datetime | None

    @property
    def waiting(self) -> int:
        """What needs a person, each thing once."""
        return self.findings + self.events

    @property
    def is_known(self) -> bool:
        """Whether the sweep looked recently enough for its findings to mean anything."""
        return self.swept_at is not None and clock.now() - self.swept_at <= STALE_AFTER


@dataclass(frozen=True, slots=True)
class Sum:
    currency: str
    amount: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Events:
    """Webhook events of the last 24 hours: how many came, and how far they are."""

    came: int
    processed: int
    person: int
    under_way: int
    without_effect: int

    @property
    def percent(self) -> float | None:
        """Processed, of those that are not under way any more; None where there are none."""
        over = self.came - self.under_way
        return self.processed * 100 / over if over else None


@dataclass(frozen=True, slots=True)
class Figures:
    standing: Standing
    events: Events
    paid: list[Sum] = field(default_factory=list)
    at_risk: list[Sum] = field(default_factory=list)
    # None: no address of the product is set, so it is told nothing.
    unconfirmed: int | None = None
    oldest_unconfirmed: datetime | None = None


def standing() -> Standing:
    """One query, cheap enough for the frame of every page."""
    return Standing(*_rows(_STANDING, most=MOST_COUNTED, person=str(FindingKind.EVENT_NEEDS_PERSON), sweep=JOB)[0])


def events_of_day() -> Events:
    """One query."""
    return Events(*_rows(_EVENTS, since=clock.now() - WINDOW, most=MOST_PAYMENTS)[0])


def figures(known: Standing | None = None) -> Figures:
    """Four queries, and one more where the standing is not known yet."""
    now = clock.now()
    today = clock.end_of_today() - timedelta(days=1)
    unconfirmed, oldest = _rows(_UNCONFIRMED, before=now - TOLD_WITHIN, most=MOST_COUNTED)[0] if settings.PRODUCT_BACKEND_URL else (None, None)
    return Figures(
        standing=known or standing(),
        events=events_of_day(),
        paid=[
            Sum(currency, amount, count) for currency, count, amount in _rows(_PAID, begun=today - LONGEST_PAYING, since=today, most=MOST_PAYMENTS)
        ],
        at_risk=[Sum(currency, amount) for currency, amount in at_risk().items()],
        unconfirmed=unconfirmed,
        oldest_unconfirmed=oldest,
    )


def _rows(sql: str, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())

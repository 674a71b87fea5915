"""Where the sides disagree, and when that was last looked for. What the sweep has not looked at lately is unknown, never good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from billing.models import Finding
from billing.states import FindingKind
from billing.sweeping import CHANGED, EVERYTHING, JOB
from opsportal import clock

# Two slots of the sweep and a half: whoever looks after that long is not told that all is well.
STALE_AFTER = timedelta(minutes=40)
# Everything is looked at once a day.
EVERYTHING_STALE_AFTER = timedelta(hours=30)
ORDER = ("found_at", "id")


@dataclass(frozen=True, slots=True)
class KindTotal:
    """Open findings of a kind that no person has handled. `at_risk`: minor units by currency. `oldest`: since when, None where there is none."""

    kind: FindingKind
    count: int = 0
    handled: int = 0
    at_risk: Mapping[str, int] = field(default_factory=dict)
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """When the sweep last looked at what had changed, and at everything. None: never, as far as runs are kept."""

    at: datetime | None = None
    everything_at: datetime | None = None

    @property
    def is_stale(self) -> bool:
        return self.at is None or self.at < clock.now() - STALE_AFTER

    @property
    def is_everything_stale(self) -> bool:
        return self.everything_at is None or self.everything_at < clock.now() - EVERYTHING_STALE_AFTER


@dataclass(frozen=True, slots=True)
class Summary:
    """All open findings. `kinds`: those that have one, the most at the top. `at_risk` counts money once that several findings speak of."""

    kinds: tuple[KindTotal, ...]
    at_risk: Mapping[str, int]
    looked: Looked

    @property
    def count(self) -> int:
        """Open, and not handled by a person."""
        return sum(total.count for total in self.kinds)

    @property
    def handled(self) -> int:
        return sum(total.handled for total in self.kinds)

    @property
    def oldest(self) -> datetime | None:
        return min((total.oldest for total in self.kinds if total.oldest), default=None)

    @property
    def tone(self) -> str:
        """For a status: fail where something is open, unknown where nobody has looked lately, else ok."""
        if self.count:
            return "fail"
        return "unknown" if self.looked.is_stale else "ok"


_BY_KIND = """
    SELECT kind, currency, count(*) FILTER (WHERE handled_at IS NULL), count(*) FILTER (WHERE handled_at IS NOT NULL),
        coalesce(sum(amount) FILTER (WHERE handled_at IS NULL), 0), min(since) FILTER (WHERE handled_at IS NULL)
    FROM billing_findings WHERE closed_at IS NULL GROUP BY kind, currency ORDER BY kind, currency
"""
# A payment without its plan may be three findings: it is the same money.
_AT_RISK = """
    SELECT currency, sum(most) FROM (
        SELECT currency, max(amount) AS most FROM (
            SELECT * FROM billing_findings WHERE closed_at IS NULL AND handled_at IS NULL AND amount IS NOT NULL LIMIT %(most)s) AS open
        GROUP BY currency, CASE WHEN payment_id IS NOT NULL THEN 'p' || payment_id WHEN checkout_id IS NOT NULL THEN 'c' || checkout_id ELSE subject END
    ) AS once GROUP BY currency HAVING sum(most) > 0 ORDER BY currency
"""
# Every part of a run is a batch of its own, and its cursor is the part's name. OFFSET 0 keeps the two apart: run by run by the batches' key, as
# joined they would be looked up among all batches of all jobs.
_LOOKED = """
    SELECT max(b.ended_at), max(b.ended_at) FILTER (WHERE b.cursor = to_jsonb(%(everything)s::text))
    FROM (SELECT id FROM jobs_run WHERE job = %(job)s ORDER BY id DESC LIMIT %(runs)s) AS r CROSS JOIN LATERAL (
        SELECT ended_at, cursor FROM jobs_run_batch
        WHERE run_id = r.id AND items > 0 AND failed_items = 0 AND cursor IN (to_jsonb(%(everything)s::text), to_jsonb(%(changed)s::text))
        OFFSET 0) AS b
"""
# Every 15 minutes, for more than a day; a person may start it more often.
RUNS = 200


def open_findings_summary() -> Summary:
    """For tiles, the status bar and the page. Three queries over open findings and the sweep's last runs."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_KIND)
        kinds = _totals(cursor.fetchall())
    return Summary(tuple(sorted(kinds.values(), key=lambda total: (-total.count, total.kind))), at_risk(), last_looked())


def at_risk(most: int | None = None) -> dict[str, int]:
    """Minor units by currency, of open findings that no person has handled, `most` at most; money of which several speak counts once."""
    with connection.cursor() as cursor:
        cursor.execute(_AT_RISK, {"most": most})
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def last_looked() -> Looked:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, {"job": JOB, "everything": EVERYTHING, "changed": CHANGED, "runs": RUNS})
        return Looked(*cursor.fetchone())


def _totals(rows: list[tuple[str, str, int, int, int, datetime | None]]) -> dict[str, KindTotal]:
    totals: dict[str, KindTotal] = {}
    for kind, currency, count, handled, amount, oldest in rows:
        known = totals.get(kind) or KindTotal(FindingKind(kind))
        at_risk = {**known.at_risk, **({currency: int(amount)} if amount else {})}
        since = min((moment for moment in (known.oldest, oldest) if moment), default=None)
        totals[kind] = KindTotal(known.kind, known.count + count, known.handled + handled, at_risk, since)
    return totals


def find_findings(*, kind: str = "", state: str = "open", provider: str = "") -> QuerySet[Finding]:
    """For keyset pages by ORDER. `state`: open (and not handled), handled, closed."""
    found = Finding.objects.select_related("checkout", "payment", "event", "grant")
    match state:
        case "closed":
            found = found.filter(closed_at__isnull=False)
        case "handled":
            found = found.filter(closed_at=None, handled_at__isnull=False)
        case _:
            found = found.filter(closed_at=None, handled_at=None)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(facts__provider=provider) if provider else found

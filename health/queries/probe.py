"""How probes stand. The percentiles are of the looks that went well: what failed counts in the availability."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import pgettext_lazy

from health import probe_words
from health.models import Probe, ProbeResult, Standing
from health.queries.ping import find_pings
from health.state import State
from opsportal import clock

DAY, QUARTER, QUARTERS = timedelta(days=1), timedelta(minutes=15), 96
# So many of its intervals without a result, and nobody knows how it stands.
STALE_AFTER = 3
PAUSED, SLOW, SILENT = "paused", "slow", "silent"
TONES = {Standing.NEW: "unknown", Standing.UP: "ok", Standing.FAILING: "warn", Standing.DOWN: "fail", PAUSED: "off", SLOW: "warn", SILENT: "unknown"}
_WORDS = {PAUSED: pgettext_lazy("probe", "paused"), SLOW: pgettext_lazy("probe", "slow"), SILENT: pgettext_lazy("probe", "no news")}

_FIGURES = """
    SELECT probe_id, count(*), count(*) FILTER (WHERE ok), percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok AND at >= %(hour)s),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok AND at < %(hour)s)
    FROM probe_results WHERE probe_id = ANY(%(probes)s) AND at >= %(since)s GROUP BY probe_id
"""
_QUARTERS = """
    SELECT probe_id, floor(extract(epoch FROM at - %(since)s) / 900)::int, count(*), count(*) FILTER (WHERE NOT ok), count(*) FILTER (WHERE is_slow),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok)
    FROM probe_results WHERE probe_id = ANY(%(probes)s) AND at >= %(since)s GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last 24 hours, in milliseconds. None: no look went well in that time. `before_ms` is the p95 of the 23 hours before the last one."""

    count: int = 0
    ok: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    hour_ms: float | None = None
    before_ms: float | None = None

    @property
    def availability(self) -> float | None:
        """Percent; None without a single look."""
        return 100 * self.ok / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour: `tone` ok, warn (slow), fail, unknown (nobody looked)."""

    at: datetime
    tone: str
    p95_ms: float | None = None


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """A line of the list. `state` is the stored one, or paused, slow, silent."""

    probe: Probe
    state: str
    words: str
    schedule: str
    figures: Figures
    quarters: Sequence[Quarter]

    @property
    def tone(self) -> str:
        return TONES[self.state]

    @property
    def word(self) -> str:
        return str(_WORDS[self.state] if self.state in _WORDS else Standing(self.state).label)


def state_of(probe: Probe, now: datetime) -> str:
    """As shown. One that nobody heard of for three intervals is silent, whatever it was: never green on missing data."""
    if probe.paused_at is not None:
        return PAUSED
    if is_silent(probe, now):
        return SILENT if probe.last_at else Standing.NEW
    if probe.state == Standing.UP and probe.last_ms is not None and probe.last_ms > probe.good_ms:
        return SLOW
    return probe.state


def is_silent(probe: Probe, now: datetime) -> bool:
    """No result in its last three intervals and its time limit; a new one, until its first."""
    return probe.last_at is None or now - probe.last_at > STALE_AFTER * probe.every + timedelta(seconds=probe.time_limit)


def find_probes(state: str = "") -> QuerySet[Probe]:
    """Those in a stored state, or "paused"; "" for all."""
    if state == PAUSED:
        return Probe.objects.filter(paused_at__isnull=False)
    return Probe.objects.filter(state=state, paused_at=None) if state in Standing.values else Probe.objects.all()


def probe_counts() -> dict[str, int]:
    """How many are in each stored state, and paused."""
    live = {state: Count("pk", filter=Q(state=state, paused_at=None)) for state in Standing.values}
    return Probe.objects.aggregate(**live, paused=Count("pk", filter=Q(paused_at__isnull=False)))


def figures_of(probe_ids: Iterable[int]) -> dict[int, Figures]:
    """One statement, whatever their number."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, {"probes": list(probe_ids), "since": now - DAY, "hour": now - timedelta(hours=1)})
        return {probe_id: Figures(*found) for probe_id, *found in cursor.fetchall()}


def quarters_of(probe_ids: Iterable[int]) -> dict[int, list[Quarter]]:
    """The last 24 hours in quarters, oldest first, the last one still growing. One statement."""
    wanted, now = list(probe_ids), clock.now()
    since = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0) - QUARTER * (QUARTERS - 1)
    with connection.cursor() as cursor:
        cursor.execute(_QUARTERS, {"probes": wanted, "since": since})
        found = {(probe_id, place): rest for probe_id, place, *rest in cursor.fetchall()}
    return {probe_id: [_quarter(since + QUARTER * place, found.get((probe_id, place))) for place in range(QUARTERS)] for probe_id in wanted}


def _quarter(at: datetime, found: list[float] | None) -> Quarter:
    if found is None:
        return Quarter(at, "unknown")
    _count, failed, slow, p95 = found
    return Quarter(at, "fail" if failed else "warn" if slow else "ok", p95)


def probe_rows(probes: Sequence[Probe]) -> list[ProbeRow]:
    """Two statements, whatever their number."""
    ids, now = [probe.pk for probe in probes], clock.now()
    figures, quarters = (figures_of(ids), quarters_of(ids)) if ids else ({}, {})
    return [
        ProbeRow(probe, state_of(probe, now), _words(probe, now), probe_words.schedule(probe), figures.get(probe.pk, Figures()), quarters[probe.pk])
        for probe in probes
    ]


def _words(probe: Probe, now: datetime) -> str:
    silent = probe.paused_at is None and probe.last_at is not None and is_silent(probe, now)
    return probe_words.silent(probe) if silent else probe_words.explain(probe)


def results_of(probe: Probe, *, failed_only: bool = False) -> QuerySet[ProbeResult]:
    found = ProbeResult.objects.filter(probe=probe)
    return found.filter(ok=False) if failed_only else found


def watching() -> Probe | None:
    """The probe that watches the product's feed."""
    return Probe.objects.filter(watches_feed=True).first()


def down() -> int:
    """How many probes and pings are down now. One statement: it stands beside the navigation of every page."""
    probes = Probe.objects.filter(state=Standing.DOWN, paused_at=None).order_by().values("pk")
    return find_pings(State.DOWN).order_by().values("pk").union(probes, all=True).count()


def probe_summary() -> dict[str, int]:
    """For /api/status: how many are in each state."""
    return probe_counts()

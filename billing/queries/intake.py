"""How well webhooks arrive and what becomes of them, by provider and window. Counted over the newest MOST_LOOKED_AT events at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone

from beta.queries import get_program
from billing.models import SignatureCount, SignatureFailure
from billing.queries.event import TELLING_REASONS
from billing.states import ProviderName
from opsportal import clock

BAR = 99.0
MOST_LOOKED_AT = 20_000
HOURS = 24

_NEWEST = """
    WITH newest AS MATERIALIZED (
        SELECT provider, source, state, effect, effect_reason, received_at, processed_at, answer_ms FROM webhook_events
        WHERE received_at >= %(begin)s ORDER BY received_at DESC, id DESC LIMIT %(most)s)
"""
_BY_WINDOW = f"""{_NEWEST}
    SELECT w.name, provider, count(*) FILTER (WHERE source = 'webhook'), count(*) FILTER (WHERE source = 'asked'),
           count(*) FILTER (WHERE (state = 'done' AND effect <> '') OR state = 'handled'), count(*) FILTER (WHERE state IN ('received', 'waiting')),
           count(*) FILTER (WHERE state = 'person'), count(*) FILTER (WHERE effect = 'none' AND effect_reason = ANY(%(reasons)s)),
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM processed_at - received_at))
               FILTER (WHERE processed_at IS NOT NULL AND source = 'webhook'),
           percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY answer_ms) FILTER (WHERE answer_ms IS NOT NULL), min(received_at)
    FROM unnest(%(names)s::text[], %(sinces)s::timestamptz[]) AS w(name, since) JOIN newest ON received_at >= w.since
    GROUP BY w.name, provider
"""  # noqa: S608
_BY_HOUR = f"""{_NEWEST}
    SELECT provider, date_trunc('hour', received_at), count(*) FILTER (WHERE source = 'webhook'), count(*) FILTER (WHERE source = 'asked')
    FROM newest GROUP BY 1, 2
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one provider in one window. Latencies: (p50, p95), seconds from received to processed, milliseconds to the answer."""

    since: datetime
    kept: int = 0
    missed: int = 0
    refused: int = 0
    known: int = 0
    under_way: int = 0
    person: int = 0
    without_effect: int = 0
    latency: tuple[float, float] | None = None
    answers: tuple[float, float] | None = None
    is_cut: bool = False

    @property
    def deliveries(self) -> int:
        """Kept, refused for their signature, and those that never came: found by asking the provider."""
        return self.kept + self.refused + self.missed

    @property
    def delivered_percent(self) -> float | None:
        return self.kept * 100 / self.deliveries if self.deliveries else None

    @property
    def known_percent(self) -> float | None:
        """Those whose effect is known, of all that are kept or found by asking; what is under way for less than a moment counts as not yet."""
        total = self.kept + self.missed
        return self.known * 100 / total if total else None


@dataclass(frozen=True, slots=True)
class Refusals:
    """Of the last 24 hours."""

    times: int
    by_reason: Mapping[str, int]
    last_at: datetime | None
    last_reason: str
    kept: int


@dataclass(frozen=True, slots=True)
class ProviderFigures:
    provider: ProviderName
    windows: Mapping[str, Figures]
    refusals: Refusals
    # (hour, percent delivered), oldest first; None where nothing came.
    hours: list[tuple[datetime, float | None]] = field(default_factory=list)


def since_of_windows(now: datetime) -> dict[str, datetime]:
    """Refusals are counted by the clock's hour, so every window begins with one; the shortest is the hour before and this one so far."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    starts_on = get_program().starts_on
    week = hour - timedelta(days=7)
    begun = timezone.make_aware(datetime.combine(starts_on, time.min), timezone.get_default_timezone()) if starts_on else week
    return {"hour": hour - timedelta(hours=1), "day": hour - timedelta(hours=24), "week": week, "program": begun}


def figures() -> list[ProviderFigures]:
    """A fixed number of queries, whatever the number of events."""
    now = clock.now()
    sinces = since_of_windows(now)
    rows = {(name, provider): rest for name, provider, *rest in _rows(_BY_WINDOW, min(sinces.values()), sinces)}
    total = sum(kept + missed for (name, _provider), (kept, missed, *_rest) in rows.items() if name == min(sinces, key=lambda one: sinces[one]))
    refused = _refused(sinces)
    hours = {(provider, hour): (kept, missed) for provider, hour, kept, missed in _rows(_BY_HOUR, sinces["day"], sinces)}
    counts = list(SignatureCount.objects.filter(hour__gte=sinces["day"]).values_list("provider", "hour", "reason", "times", "last_at"))
    return [
        ProviderFigures(
            provider=provider,
            windows={
                name: _figures(since, rows.get((name, provider.value)), refused.get((name, provider.value), 0), is_cut=total >= MOST_LOOKED_AT)
                for name, since in sinces.items()
            },
            refusals=_refusals(provider, [row[1:] for row in counts if row[0] == provider]),
            hours=_hours(provider, sinces["day"], now, hours, counts),
        )
        for provider in ProviderName
    ]


def _rows(sql: str, begin: datetime, sinces: Mapping[str, datetime]) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "begin": begin, "most": MOST_LOOKED_AT, "names": list(sinces), "sinces": list(sinces.values()), "reasons": [str(one) for one in TELLING_REASONS],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _figures(since: datetime, row: list[Any] | None, refused: int, *, is_cut: bool) -> Figures:
    if row is None:
        return Figures(since, refused=refused)
    kept, missed, known, under_way, person, without, latency, answers, oldest = row
    cut = is_cut and oldest > since
    return Figures(
        since, kept, missed, refused, known, under_way, person, without,
        latency=(latency[0], latency[1]) if latency else None, answers=(answers[0], answers[1]) if answers else None, is_cut=cut,
    )  # fmt: skip


def _refused(sinces: Mapping[str, datetime]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for name, since in sinces.items():
        by_provider = SignatureCount.objects.filter(hour__gte=since).values_list("provider").annotate(Sum("times"))
        found |= {(name, provider): times for provider, times in by_provider}
    return found


def _refusals(provider: ProviderName, counts: list[tuple[Any, ...]]) -> Refusals:
    by_reason: dict[str, int] = {}
    for _hour, reason, times, _last in counts:
        by_reason[reason] = by_reason.get(reason, 0) + times
    last = max(counts, key=lambda row: row[3], default=None)
    kept = SignatureFailure.objects.filter(provider=provider).count()
    if last is None:
        ever = SignatureCount.objects.filter(provider=provider).aggregate(Max("last_at"))["last_at__max"]
        return Refusals(0, {}, ever, "", kept)
    return Refusals(sum(by_reason.values()), by_reason, last[3], last[1], kept)


def _hours(provider: ProviderName, begin: datetime, now: datetime, came: Mapping[Any, tuple[int, int]], counts: list[Any]) -> list[Any]:
    refused: dict[datetime, int] = {}
    for name, hour, _reason, times, _last in counts:
        if name == provider:
            refused[hour] = refused.get(hour, 0) + times
    found = []
    for step in range(HOURS + 1):
        hour = begin + timedelta(hours=step)
        kept, missed = came.get((provider.value, hour), (0, 0))
        total = kept + missed + refused.get(hour, 0)
        found.append((hour, kept * 100 / total if total else None))
    return found

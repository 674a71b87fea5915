"""Results are kept for 31 days; their hours, for 400. For the sweep. Housekeeping: no audit row."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from health.models import ProbeFlip, ProbeHour, ProbeResult
from opsportal import clock

KEPT_RESULTS, KEPT_HOURS = timedelta(days=31), timedelta(days=400)
# So long after its end an hour is rolled up: a look that began in it has ended by then.
SETTLED = timedelta(minutes=5)
HOUR = timedelta(hours=1)
MOST_AT_ONCE, MOST_HOURS = 10_000, 24

_ROLL_UP = """
    INSERT INTO probe_hours (probe_id, hour, count, ok, slow, p50_ms, p95_ms, max_ms)
    SELECT probe_id, date_trunc('hour', at, 'UTC'), count(*), count(*) FILTER (WHERE ok), count(*) FILTER (WHERE is_slow),
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok)), round(percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE ok)),
           max(ms) FILTER (WHERE ok)
    FROM probe_results WHERE at >= %(since)s AND at < %(until)s GROUP BY 1, 2
    ON CONFLICT (probe_id, hour) DO NOTHING
"""


@transaction.atomic
def roll_up() -> int:
    """Write down the hours that are over and not written down yet. A day at once; returns how many. Several at once write each hour once."""
    now = clock.now()
    until = (now - SETTLED).replace(minute=0, second=0, microsecond=0)
    last = ProbeHour.objects.aggregate(last=Max("hour"))["last"]
    first = ProbeResult.objects.filter(at__gte=last + HOUR if last else now - KEPT_RESULTS).aggregate(first=Min("at"))["first"]
    if first is None or first >= until:
        return 0
    since = first.replace(minute=0, second=0, microsecond=0)
    return write_hours(since, min(until, since + MOST_HOURS * HOUR))


def write_hours(since: datetime, until: datetime) -> int:
    """The hours between two full hours; one that is written already stays as it is. Returns how many were new."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, {"since": since, "until": until})
        return int(cursor.rowcount)


def purge_results(most: int = MOST_AT_ONCE) -> int:
    """Remove results older than 31 days, hours and flips older than 400; `most` of each at once. Returns how many rows went."""
    now = clock.now()
    with transaction.atomic():
        gone = _drop(ProbeResult.objects.filter(at__lt=now - KEPT_RESULTS), most)
        gone += _drop(ProbeHour.objects.filter(hour__lt=now - KEPT_HOURS), most)
        return gone + _drop(ProbeFlip.objects.filter(at__lt=now - KEPT_HOURS), most)


def _drop(rows: QuerySet[Any], most: int) -> int:
    ids = list(rows.values_list("pk", flat=True)[:most])
    return rows.filter(pk__in=ids).delete()[0] if ids else 0

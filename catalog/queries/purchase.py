from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from catalog.models import Purchase
from opsportal import clock

# Days that the page adds up.
DAYS = 14
ORDER = ("bought_at", "id")


@dataclass(frozen=True, slots=True)
class Economy:
    """What was bought in one currency, in its minor units. `declared` as households say it; `confirmed` against the 90-day median of that
    time. Outliers are counted, and in neither sum; `without_median` are those that nothing can confirm."""

    currency: str
    purchases: int = 0
    outliers: int = 0
    paid: int = 0
    declared: int = 0
    confirmed: int = 0
    without_median: int = 0


def begin_of(day: date) -> datetime:
    """Midnight in the team's zone."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()), timezone.get_default_timezone())


def economy_of(day: date) -> tuple[Economy, ...]:
    """The purchases of a day of the team's zone, by currency; empty when nothing was bought."""
    return economy_between(day, day)


def economy_between(first: date, last: date) -> tuple[Economy, ...]:
    """The same for several days, both included."""
    rows = _within(first, last).order_by("currency").values("currency").annotate(**_SUMS)
    return tuple(Economy(**row) for row in rows)


def economy_per_day(last: date | None = None, days: int = DAYS) -> dict[date, tuple[Economy, ...]]:
    """The newest days, today first, also those without a purchase. One query."""
    last = last or clock.today()
    wanted = [last - timedelta(days=number) for number in range(days)]
    found: dict[date, list[Economy]] = defaultdict(list)
    per_day = _within(wanted[-1], last).annotate(on=TruncDate("bought_at", tzinfo=timezone.get_default_timezone()))
    rows: Iterable[Any] = per_day.order_by("on", "currency").values("on", "currency").annotate(**_SUMS)
    for row in rows:
        found[row["on"]].append(Economy(**{name: value for name, value in row.items() if name != "on"}))
    return {day: tuple(found.get(day, ())) for day in wanted}


def find_purchases(*, household: Any = None, day: date | None = None, only_outliers: bool = False) -> QuerySet[Purchase]:
    """For keyset pages by ORDER."""
    found = Purchase.objects.select_related("household", "offer__product", "offer__store", "product")
    if household is not None:
        found = found.filter(household=household)
    if day is not None:
        found = found.filter(bought_at__gte=begin_of(day), bought_at__lt=begin_of(day + timedelta(days=1)))
    return found.filter(is_outlier=True) if only_outliers else found


def totals(economies: Iterable[Economy]) -> tuple[int, int]:
    """(purchases, outliers) over all currencies: counts may be added, money of different currencies may not."""
    found = list(economies)
    return sum(one.purchases for one in found), sum(one.outliers for one in found)


def _within(first: date, last: date) -> QuerySet[Purchase]:
    return Purchase.objects.filter(bought_at__gte=begin_of(first), bought_at__lt=begin_of(last + timedelta(days=1)))


_SOUND = Q(is_outlier=False)
_SUMS: dict[str, Any] = {
    "purchases": Count("pk"),
    "outliers": Count("pk", filter=~_SOUND),
    "paid": Sum("price", filter=_SOUND, default=0),
    "declared": Sum("declared_saving", filter=_SOUND, default=0),
    "confirmed": Sum(F("median_90") - F("price"), filter=_SOUND, default=0),
    "without_median": Count("pk", filter=_SOUND & Q(median_90=None)),
}

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.functional import Promise

from beta.models import Refusal
from beta.refusals import REFUSALS, label
from opsportal import clock

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Refusals:
    """Attempts without a seat since a moment. `is_capped`: there were more than were counted."""

    rows: list[tuple[str, Promise | str, int]]
    total: int
    is_capped: bool


def refusals_by_reason(since: datetime | None = None) -> Refusals:
    """Counted by reason, the last hour by default, 10,000 newest at the most; reasons that did not occur count 0."""
    since = since or clock.now() - timedelta(hours=1)
    codes = sorted(Refusal.objects.filter(at__gte=since).order_by("-at").values_list("code", flat=True)[: MOST_COUNTED + 1])
    counts = {code: len(list(rows)) for code, rows in groupby(codes)}
    shown = [(code, label(code), counts.get(code, 0)) for code in REFUSALS]
    return Refusals(sorted(shown, key=lambda row: -row[2]), min(len(codes), MOST_COUNTED), len(codes) > MOST_COUNTED)

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

    @property
    def bars(self) -> list[tuple[str, float]]:
        """The reasons that occurred and the four that matter most on the page, largest first."""
        always = {"signups_stopped", "cap_reached", "invite_unknown", "invite_used"}
        return [(str(words), count) for code, words, count in self.rows if count or code in always]


def refusals_by_reason(since: datetime | None = None) -> Refusals:
    """Counted by reason, the last hour by default, 10,000 newest at the most; reasons that did not occur count 0."""
    since = since or clock.now() - timedelta(hours=1)
    codes = sorted(Refusal.objects.filter(at__gte=since).order_by("-at").values_list("code", flat=True)[: MOST_COUNTED + 1])
    counts = {code: len(list(rows)) for code, rows in groupby(codes)}
    shown = [(code, label(code), counts.get(code, 0)) for code in REFUSALS]
    return Refusals(sorted(shown, key=lambda row: -row[2]), min(len(codes), MOST_COUNTED), len(codes) > MOST_COUNTED)

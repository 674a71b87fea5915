from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.defaultfilters import date as date_filter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from health import words
from health.queries.ping import STRIP, Call
from opsportal import charts

SLOT, HIGH, LOW = 4, 20, 4


@dataclass(frozen=True, slots=True)
class Strip:
    """The last runs, oldest first, at the right edge: the height is the duration, a failure is full height and cut at its foot."""

    title: str
    bars: Sequence[charts.Box]
    width: int = STRIP * SLOT
    height: int = HIGH


def strip(calls: Sequence[Call]) -> Strip:
    most = max((call.duration.total_seconds() for call in calls if call.duration), default=0) or 1
    failed = sum(not call.is_success for call in calls)
    title = ngettext("The last call", "The last %(n)d calls", len(calls)) % {"n": len(calls)}
    told = ngettext("%(n)d failure", "%(n)d failures", failed) % {"n": failed} if failed else _("no failure")
    first = STRIP - len(calls)
    return Strip(f"{title}: {told}", [_bar(first + place, call, most) for place, call in enumerate(calls)])


def _bar(place: int, call: Call, most: float) -> charts.Box:
    share = call.duration.total_seconds() / most if call.duration else 0
    high = LOW + (HIGH - LOW) * share if call.is_success else HIGH
    said = _("success") if call.is_success else _("failure")
    took = f", {words.duration(call.duration)}" if call.duration else ""
    title = f"{date_filter(localtime(call.at), 'SHORT_DATETIME_FORMAT')}: {said}{took}"
    return charts.Box(str(place * SLOT), charts.number(HIGH - high), str(SLOT - 1), charts.number(high), f"c-state is-{'ok' if call.is_success else 'fail'}", title)  # fmt: skip


def durations(runs: Sequence[tuple[datetime, timedelta]]) -> charts.Chart | None:
    """How long the runs took, in seconds or minutes; None where fewer than two are known."""
    if len(runs) < 2:
        return None
    seconds = [took.total_seconds() for _at, took in runs]
    in_minutes = max(seconds) >= 300
    unit = _("Minutes") if in_minutes else _("Seconds")
    points = [
        (date_filter(localtime(at), "SHORT_DATETIME_FORMAT"), value / 60 if in_minutes else value)
        for (at, _took), value in zip(runs, seconds, strict=True)
    ]
    facts = {"n": len(runs), "last": words.duration(runs[-1][1]), "longest": words.duration(timedelta(seconds=max(seconds)))}
    title = _("How long the last %(n)d runs took: the last one %(last)s, the longest %(longest)s") % facts
    return charts.line(title, points, columns=(_("Ended"), unit))

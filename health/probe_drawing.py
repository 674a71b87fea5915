from collections.abc import Sequence

from django.template.defaultfilters import date as date_filter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from health import probe_words
from health.models import Probe
from health.queries.probe import QUARTERS, Quarter
from opsportal import charts

# A mark of the list's strip: a quarter of an hour, from the left.
SLOT, WIDE, HIGH = 2, 1.4, 20
HEIGHTS = {"ok": 10, "warn": 15, "fail": 20, "unknown": 3}


def words() -> dict[str, str]:
    return {"ok": _("as expected"), "warn": _("slow"), "fail": _("failed"), "unknown": _("nobody looked")}


def paused_word() -> str:
    return pgettext("probe", "paused")


def strip(quarters: Sequence[Quarter]) -> charts.Chart:
    """The last 24 hours, for the probe's own page."""
    points = [(_time(quarter), quarter.tone) for quarter in quarters]
    return charts.strip(_told(quarters), points, columns=(_("From"), _("State")), words=words(), places=QUARTERS)


def small_strip(quarters: Sequence[Quarter]) -> dict[str, object]:
    """The same in a line of the list."""
    bars = [
        charts.Box(
            charts.number(place * SLOT), str(HIGH - HEIGHTS[quarter.tone]), str(WIDE), str(HEIGHTS[quarter.tone]), f"c-state is-{quarter.tone}"
        )
        for place, quarter in enumerate(quarters)
    ]
    return {"title": _told(quarters), "bars": bars, "width": QUARTERS * SLOT, "height": HIGH}


def load_times(probe: Probe, quarters: Sequence[Quarter]) -> charts.Chart | None:
    """Seconds, the p95 of each quarter of an hour; None where fewer than two are known."""
    points = [(_time(quarter), None if quarter.p95_ms is None else quarter.p95_ms / 1000) for quarter in quarters]
    if sum(value is not None for _label, value in points) < 2:
        return None
    limit = probe.good_ms / 1000
    said = _("good: %(limit)s") % {"limit": probe_words.seconds(probe.good_ms)}
    return charts.line(_("Load time of the last 24 hours"), points, columns=(_("From"), _("Seconds, p95")), limit=limit, limit_words=said)


def _told(quarters: Sequence[Quarter]) -> str:
    tones = [quarter.tone for quarter in quarters]
    failed, slow, unknown = (tones.count(tone) for tone in ("fail", "warn", "unknown"))
    parts = [
        ngettext("%(n)d quarter of an hour with failures", "%(n)d quarters of an hour with failures", failed) % {"n": failed}
        if failed
        else _("no failure"),
        ngettext("%(n)d slow", "%(n)d slow", slow) % {"n": slow} if slow else "",
        ngettext("%(n)d without a look", "%(n)d without a look", unknown) % {"n": unknown} if unknown else "",
    ]
    return _("The last 24 hours: %(parts)s") % {"parts": ", ".join(part for part in parts if part)}


def _time(quarter: Quarter) -> str:
    return str(date_filter(localtime(quarter.at), "SHORT_DATETIME_FORMAT"))

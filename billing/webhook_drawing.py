"""The figures of the webhooks page as tiles, lines and strips, each with its limit in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import date as date_filter
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.queries.event import MOST_COUNTED, Waiting
from billing.queries.intake import BAR, Figures, ProviderFigures
from billing.states import ProviderName
from opsportal import charts, clock, relative
from opsportal.components import Tile

WINDOWS = {"hour": gettext_lazy("1 hour"), "day": gettext_lazy("24 hours"), "week": gettext_lazy("7 days"), "program": gettext_lazy("The program")}
REASONS = {
    "missing": gettext_lazy("no signature"), "malformed": gettext_lazy("a signature that is none"), "mismatch": gettext_lazy("another secret, or changed"),
    "too_old": gettext_lazy("signed too long ago"), "no_secret": gettext_lazy("no secret is set here"), "bad_body": gettext_lazy("signed, but no event"),
    "too_large": gettext_lazy("larger than 512 KB"), "unsigned_flood": gettext_lazy("unsigned, and too many"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A share with its state; `of` says what it is a share of."""

    figure: str
    tone: str
    word: str
    of: str


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    since: datetime
    delivered: Cell
    known: Cell
    latency: str
    answers: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Panel:
    provider: ProviderName
    lines: list[Line]
    strip: charts.Chart
    figures: ProviderFigures
    reasons: list[tuple[str, int]]
    last_reason: str
    has_secret: bool


def panel(found: ProviderFigures, *, has_secret: bool) -> Panel:
    refusals = found.refusals
    reasons = sorted(((reason_words(reason), times) for reason, times in refusals.by_reason.items()), key=lambda pair: -pair[1])
    lines = [_line(str(WINDOWS[name]), figures) for name, figures in found.windows.items()]
    last = reason_words(refusals.last_reason) if refusals.last_reason else ""
    return Panel(found.provider, lines, _strip(found), found, reasons, last, has_secret)


def reason_words(reason: str) -> str:
    return str(REASONS.get(reason, reason))


def tiles(waiting: Waiting, found: Sequence[ProviderFigures]) -> list[Tile]:
    url = reverse("billing_webhooks")
    without = sum(one.windows["day"].without_effect for one in found)
    refused = sum(one.refusals.times for one in found)
    return [
        Tile(_("Needs a person"), _counted(waiting.person), ngettext("event", "events", waiting.person), "fail" if waiting.person else "ok", _("for a person") if waiting.person else _("ok"), _("should be 0"), f"{url}?state=person#events"),
        _under_way(waiting, url),
        Tile(_("200 without effect, 24 h"), str(without), ngettext("event", "events", without), "warn" if without else "ok", _("look") if without else _("ok"), _("should be 0: answered, and no plan of it"), f"{url}?effect=without#events"),
        Tile(_("Refused, 24 h"), str(refused), ngettext("delivery", "deliveries", refused), "warn" if refused else "ok", _("look") if refused else _("ok"), _("should be 0: bad signatures above all"), reverse("billing_webhook_refused")),
    ]  # fmt: skip


def _under_way(waiting: Waiting, url: str) -> Tile:
    limit = _("each is tried again by itself")
    if waiting.next_at:
        limit = _("next try %(when)s") % {"when": relative.words(waiting.next_at, clock.now())} if waiting.next_at > clock.now() else _("due now")
    tone = "warn" if waiting.under_way else "ok"
    word = _("waiting") if waiting.under_way else _("ok")
    return Tile(_("Under way"), _counted(waiting.under_way), ngettext("event", "events", waiting.under_way), tone, word, limit, f"{url}?state=owed#events")  # fmt: skip


def _counted(number: int) -> str:
    return f"{number}+" if number >= MOST_COUNTED else str(number)


def _line(label: str, figures: Figures) -> Line:
    of_deliveries = ngettext("of %(n)s delivery", "of %(n)s deliveries", figures.deliveries) % {"n": number_format(figures.deliveries)}
    total = figures.kept + figures.missed
    of_events = ngettext("of %(n)s event", "of %(n)s events", total) % {"n": number_format(total)}
    return Line(
        label, figures.since, _cell(figures.delivered_percent, of_deliveries), _cell(figures.known_percent, of_events), _seconds(figures.latency),
        _milliseconds(figures.answers), figures.is_cut,
    )  # fmt: skip


def _cell(percent: float | None, of: str) -> Cell:
    if percent is None:
        return Cell("–", "unknown", _("no data"), "")
    # Never rounded up to a hundred.
    shown = number_format(math.floor(percent * 10) / 10, decimal_pos=1) if percent < 100 else "100"
    ok = percent >= BAR
    return Cell(f"{shown} %", "ok" if ok else "fail", _("ok") if ok else _("below 99 %"), of)


def _seconds(pair: tuple[float, float] | None) -> str:
    return "–" if pair is None else " / ".join(duration(value) for value in pair)


def duration(seconds: float) -> str:
    """“0.4 s”, “12 s”, “3 min”, “2 h”."""
    if seconds < 10:
        return _("%(n)s s") % {"n": number_format(round(seconds, 1), decimal_pos=1)}
    if seconds < 120:
        return _("%(n)s s") % {"n": round(seconds)}
    if seconds < 7200:
        return _("%(n)s min") % {"n": round(seconds / 60)}
    return _("%(n)s h") % {"n": round(seconds / 3600)}


def _milliseconds(pair: tuple[float, float] | None) -> str:
    return "–" if pair is None else " / ".join(_("%(n)s ms") % {"n": round(value)} for value in pair)


def _strip(found: ProviderFigures) -> charts.Chart:
    words = {"ok": _("99 % or more delivered"), "fail": _("below 99 %"), "unknown": _("nothing came"), "warn": "", "off": ""}
    points = [
        (date_filter(localtime(hour), "SHORT_DATETIME_FORMAT"), "unknown" if percent is None else "ok" if percent >= BAR else "fail")
        for hour, percent in found.hours
    ]
    title = _("Deliveries of %(provider)s by hour, the last 24 hours") % {"provider": found.provider.label}
    return charts.strip(title, points, columns=(_("Hour"), _("Delivered")), words=words)

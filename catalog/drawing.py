"""The price of an offer over time, as a chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.defaultfilters import date as date_filter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.fields import in_words
from catalog.models import Availability, Offer, Override, Price, PriceSource
from catalog.queries.history import History, history_since
from catalog.queries.override import spans_of
from catalog.risk.marks import RiskMark, marks_of
from catalog.risk.timeline import Medians, medians
from opsportal import clock, money
from opsportal.step_chart import Band, Level, Mark, Spell, StepChart, steps

RANGES = (30, 90, 365)
USUAL = 90
RISK_SIGNS = {"raised": "up", "reduced": "down", "low": "dot"}
NOT_SOLD = (Availability.OUT_OF_STOCK, Availability.DISCONTINUED)


@dataclass(frozen=True, slots=True)
class PriceChart:
    """`legend`: which signs are in the drawing, as the template names them."""

    chart: StepChart
    days: int
    medians: Medians
    is_cut: bool
    legend: frozenset[str]


def price_chart(offer: Offer, days: int) -> PriceChart | None:
    """The last so many days; None where no price is known."""
    now = clock.now()
    since = now - timedelta(days=days)
    history = history_since(offer, since)
    spans = [_spell_of(span, now) for span in spans_of(offer, since)]
    if not history.rows and not spans:
        return None
    usual = medians([(row.at, row.price, row.list_price, row.held) for row in _rows_of_90_days(offer, history, days, now)], now)
    tracked = [spell for spell in _tracked(history.rows, now) if spell[0] < spell[1]]
    spells = [Spell(begin, end, row.price) for begin, end, row in tracked if row.availability not in NOT_SOLD]
    risks = marks_of(offer)
    chart = steps(
        _in_sentences(offer, spells, usual, days),
        [("c-line c-line--under", list(_under(spells, spans))), ("c-line", list(_cut(spells, spans))), ("c-line c-line--over", spans)],
        since=since, until=now, say=lambda value: money.in_words(round(value), offer.currency),
        bands=[*_gaps(tracked), *(Band(span.since, span.until, "c-span", span.title) for span in spans)],
        levels=_levels(usual), marks=[*_marks(offer, history.rows), *(Mark(span.since, "triangle", span.title) for span in spans), *_risk_marks(risks)],
    )  # fmt: skip
    return PriceChart(
        chart, days, usual, history.is_cut, _legend(history.rows, tracked, spans, since) | {mark.kind for mark in risks if mark.at >= since}
    )


def _rows_of_90_days(offer: Offer, history: History, days: int, now: datetime) -> Sequence[Price]:
    return history.rows if days >= USUAL else history_since(offer, now - timedelta(days=USUAL)).rows


def _tracked(rows: Sequence[Price], now: datetime) -> Iterator[tuple[datetime, datetime, Price]]:
    """How long each row held; readings that were held back never did."""
    held = [row for row in rows if not row.held]
    ends = [*(row.at for row in held[1:]), now]
    return zip((row.at for row in held), ends, held, strict=False)


def _spell_of(override: Override, now: datetime) -> Spell:
    end = min(moment for moment in (override.ended_at, override.expires_at, now) if moment is not None)
    title = _("Overridden by %(who)s: %(value)s. %(reason)s") % {
        "who": override.created_by, "value": in_words(override.field, override.amount, override.offer.currency), "reason": override.reason,
    }  # fmt: skip
    return Spell(override.created_at, end, override.amount or 0, title)


def _cut(spells: Sequence[Spell], spans: Sequence[Spell]) -> Iterator[Spell]:
    """What is left of the spells outside of the spans: there the tracked price is what is shown."""
    for spell in spells:
        begin = spell.since
        for span in spans:
            if span.until <= begin or span.since >= spell.until:
                continue
            if span.since > begin:
                yield Spell(begin, span.since, spell.value)
            begin = max(begin, span.until)
        if begin < spell.until:
            yield Spell(begin, spell.until, spell.value)


def _under(spells: Sequence[Spell], spans: Sequence[Spell]) -> Iterator[Spell]:
    """What of the spells lies under a span."""
    for span in spans:
        for spell in spells:
            begin, end = max(spell.since, span.since), min(spell.until, span.until)
            if begin < end:
                yield Spell(begin, end, spell.value)


def _gaps(tracked: Sequence[tuple[datetime, datetime, Price]]) -> Iterator[Band]:
    for begin, end, row in tracked:
        if row.availability in NOT_SOLD:
            yield Band(begin, end, "c-gap", f"{row.get_availability_display()}, {_day(begin)} – {_day(end)}".capitalize())


def _levels(usual: Medians) -> list[Level]:
    if usual.median30 is not None and usual.median30 == usual.median90:
        return [Level(usual.median30, _("median"))]
    named = ((usual.median30, _("median 30 d")), (usual.median90, _("median 90 d")))
    return [Level(value, label) for value, label in named if value is not None]


def _marks(offer: Offer, rows: Sequence[Price]) -> Iterator[Mark]:
    for row in rows:
        price = money.in_words(row.price, offer.currency)
        if row.held:
            yield Mark(row.at, "ring", _("%(price)s, held back on %(day)s") % {"price": price, "day": _day(row.at)}, row.price)
        elif row.source == PriceSource.IMPORT:
            yield Mark(row.at, "diamond", _("%(price)s by an import on %(day)s") % {"price": price, "day": _day(row.at)})


def _risk_marks(risks: Sequence[RiskMark]) -> Iterator[Mark]:
    """What the risk was calculated from."""
    for mark in risks:
        yield Mark(mark.at, RISK_SIGNS[mark.kind], f"{mark.label}, {_day(mark.at)}", mark.price)


def _legend(rows: Sequence[Price], tracked: Sequence[tuple[datetime, datetime, Price]], spans: Sequence[Spell], since: datetime) -> frozenset[str]:
    inside = [row for row in rows if row.at >= since]
    found = {
        "override": bool(spans),
        "import": any(row.source == PriceSource.IMPORT and not row.held for row in inside),
        "held": any(row.held for row in inside),
        "gap": any(row.availability in NOT_SOLD for _begin, _end, row in tracked),
    }
    return frozenset(name for name, is_there in found.items() if is_there)


def _in_sentences(offer: Offer, spells: Sequence[Spell], usual: Medians, days: int) -> str:
    said = [_("Price of the last %(days)d days") % {"days": days}]
    if spells:
        values = [spell.value for spell in spells]
        low, high = (money.in_words(round(value), offer.currency) for value in (min(values), max(values)))
        said.append(_("between %(low)s and %(high)s") % {"low": low, "high": high})
    if usual.median90 is not None:
        said.append(_("median of 90 days %(price)s") % {"price": money.in_words(usual.median90, offer.currency)})
    return ", ".join(said)


def _day(at: datetime) -> str:
    return str(date_filter(localtime(at), "SHORT_DATETIME_FORMAT"))

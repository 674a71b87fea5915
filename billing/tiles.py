"""The figures above the desk's checkouts, each with its limit in words."""

from collections.abc import Sequence

from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.queries.desk import MOST_COUNTED, Figures, Sum
from opsportal import relative
from opsportal.clock import now
from opsportal.components import Tile
from opsportal.money import in_words

DELIVERED_PERCENT = 99.0
NONE = "–"


def desk_tiles(figures: Figures) -> list[Tile]:
    return [_paid(figures), _mismatches(figures), _events(figures), _callbacks(figures)]


def sums(found: Sequence[Sum]) -> str:
    """“R$ 59,80 + US$ 5.00”: different currencies are never added up."""
    return " + ".join(in_words(one.amount, one.currency) for one in found)


def bounded(count: int) -> str:
    """A count that stopped at its limit says so."""
    return f"{count}+" if count >= MOST_COUNTED else str(count)


def page(name: str, *args: object, query: str = "") -> str:
    """The address of a page, empty where there is none."""
    try:
        return reverse(name, args=args) + query
    except NoReverseMatch:
        return ""


def _paid(figures: Figures) -> Tile:
    count = sum(one.count for one in figures.paid)
    limit = sums(figures.paid) or _("nothing yet")
    return Tile(
        _("Paid today"),
        str(count),
        ngettext("payment", "payments", count),
        "ok" if count else "off",
        "",
        limit,
        url=page("billing", query="?state=paid"),
    )


def _mismatches(figures: Figures) -> Tile:
    standing = figures.standing
    label, url = _("Open mismatches"), page("billing_findings") or page("billing", query="?findings=1")
    if not standing.is_known:
        when = _("never") if standing.swept_at is None else relative.words(standing.swept_at, now())
        shown = bounded(standing.mismatches) if standing.mismatches else NONE
        return Tile(label, shown, "", "unknown", _("unknown:"), _("the sweep last looked: %(when)s") % {"when": when}, url=url)
    if standing.mismatches == 0:
        return Tile(label, "0", "", "ok", _("ok:"), _("none is the limit"), url=url)
    return Tile(
        label, bounded(standing.mismatches), "", "warn", _("look:"), _("%(amount)s at risk") % {"amount": sums(figures.at_risk) or NONE}, url=url
    )


def _events(figures: Figures) -> Tile:
    events, label, url = figures.events, _("Webhooks processed, 24 h"), page("billing_webhooks")
    if events.percent is None:
        return Tile(label, NONE, "", "unknown", _("unknown:"), _("no event has come in 24 h"), url=url)
    good = events.percent >= DELIVERED_PERCENT
    # Not rounded up to a figure that it hasn't reached.
    percent = number_format(f"{int(events.percent * 10) / 10:g}")
    words = _("of %(count)d; 99 %% or more wanted") % {"count": events.came}
    return Tile(label, percent, "%", "ok" if good else "fail", _("ok:") if good else _("low:"), words, url=url)


def _callbacks(figures: Figures) -> Tile:
    label = _("Product not told")
    if figures.unconfirmed is None:
        return Tile(label, NONE, "", "off", "", _("no PRODUCT_BACKEND_URL is set: it reads the plans for itself"))
    if not figures.unconfirmed:
        return Tile(label, "0", "", "ok", _("ok:"), _("each confirmed within 15 minutes"))
    oldest = relative.words(figures.oldest_unconfirmed, now()) if figures.oldest_unconfirmed else NONE
    return Tile(label, bounded(figures.unconfirmed), "", "warn", _("look:"), _("oldest from %(when)s; 15 minutes is the limit") % {"when": oldest})

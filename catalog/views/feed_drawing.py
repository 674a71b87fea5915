"""How the feed's figures are shown."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.queries.feed import ENOUGH, MOST_COUNTED, MOST_POOR_PERCENT, FeedHealth
from catalog.queries.suggestion import Suggestion
from opsportal.components import Tile

# Lists come as repeated names, and an empty one as the name alone.
_LISTS = ("categories", "excluded_stores")
_NUMBERS = ("max_price", "min_saving")


def health_tiles(health: FeedHealth) -> list[Tile]:
    percent = "–" if health.poor_percent is None else f"{number_format(health.poor_percent, 1)} %"
    words = {"ok": _("ok"), "warn": _("look"), "fail": _("red flag"), "unknown": _("not known")}
    poor = Tile(
        _("Households under %(enough)d items") % {"enough": ENOUGH}, percent, "", health.tone, words[health.tone],
        _("more than %(most)d %% is a red flag") % {"most": MOST_POOR_PERCENT},
    )  # fmt: skip
    tone = "unknown" if not health.households else "warn" if health.empty else "ok"
    empty = Tile(_("Empty feeds"), number_format(health.empty), "", tone, words[tone], _("there should be none"))
    seated = _("hold a seat, and are counted here")
    return [
        poor,
        empty,
        Tile(_("Active households"), number_format(health.households), "", "ok" if health.households else "unknown", _("active"), seated),
    ]


def spread_bars(health: FeedHealth) -> list[tuple[str, float]]:
    """Households by how many items they see."""
    return [(_span(first, last), count) for first, last, count in health.spread]


def _span(first: int, last: int | None) -> str:
    if last is None:
        return _("%(most)d items and more") % {"most": MOST_COUNTED}
    return _("empty") if last == 0 else _("%(first)d to %(last)d items") % {"first": first, "last": last}


def link_of(household_id: UUID, suggestion: Suggestion) -> str:
    """The profile's form with the suggestion filled in."""
    said = {name: "" if value is None or value == [] else value for name, value in suggestion.wishes.items()}
    return f"{reverse('feed_wishes', args=[household_id])}?{urlencode(said, doseq=True)}"


def changed_by_link(query: QueryDict) -> dict[str, Any]:
    """The wishes that such a link changes; what makes no sense is left out."""
    changed: dict[str, Any] = {name: [one for one in query.getlist(name) if one] for name in _LISTS if name in query}
    if "excluded_stores" in changed:
        changed["excluded_stores"] = [int(one) for one in changed["excluded_stores"] if _is_number(one)]
    for name in _NUMBERS:
        text = str(query.get(name, "?"))
        if not text or _is_number(text):
            changed[name] = int(text) if text else None
    if len(currency := str(query.get("currency", ""))) == 3:
        changed["currency"] = currency
    return changed


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16

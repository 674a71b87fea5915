"""The risk of an offer as pages tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from catalog.models import Offer
from catalog.queries import risk
from catalog.risk.reasons import from_json
from catalog.risk.rules import BLIND
from catalog.risk.thresholds import DEFAULT
from catalog.risk.words import words

register = template.Library()


@dataclass(frozen=True, slots=True)
class Line:
    """A reason in words. `is_blind`: no verdict can rest on this, because something is not known."""

    words: str
    points: str
    tone: str
    is_blind: bool


@dataclass(frozen=True, slots=True)
class Told:
    """`total`: the sum of the points, which the score does not follow under 0 and over 100."""

    lines: Sequence[Line]
    total: int
    watch_from: int = DEFAULT.watch_from
    risky_from: int = DEFAULT.risky_from


@register.simple_tag
def risk_told(offer: Offer) -> Told:
    """As it was calculated last, the gravest reason first."""
    reasons = from_json(offer.risk_reasons)
    return Told([_line(reason) for reason in reasons], sum(reason.points for reason in reasons))


def _line(reason: Any) -> Line:
    sign = "+" if reason.points > 0 else "\u2212" if reason.points < 0 else ""
    tone = "fail" if reason.points > 0 else "ok" if reason.points < 0 else ""
    return Line(words(reason), f"{sign}{abs(reason.points)}", tone, reason.code in BLIND)


@register.simple_tag
def frozen() -> risk.Frozen | None:
    """Why risk is not calculated; None while it is."""
    return risk.frozen()

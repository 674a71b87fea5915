"""The days of the program as the pages of reviews show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from beta.models import Program
from review.models import Kind
from review.queries.history import CalendarDay, Mark
from review.status import Status

SHOWN = 14
_WORST_FIRST = ("fail", "unknown", "warn")


def state_word(state: str) -> str:
    return {"ok": _("ok"), "warn": _("warn"), "fail": _("fail"), "unknown": _("unknown")}[state]


@dataclass(frozen=True, slots=True)
class Cell:
    """A review of a day in a strip: tone and word say how it went. `url` empty: its day has not come yet."""

    day: date
    number: int | None
    tone: str
    word: str
    url: str
    is_this: bool


def window(program: Program, day: date) -> tuple[date, date]:
    """The first and last of the days shown around one: the fortnight of the program that holds it, else the fortnight up to it."""
    if program.starts_on is None:
        return day - timedelta(days=SHOWN - 1), day
    last = program.starts_on + timedelta(days=program.days - 1)
    if not program.starts_on <= day <= last:
        return day - timedelta(days=SHOWN - 1), day
    first = program.starts_on + timedelta(days=(day - program.starts_on).days // SHOWN * SHOWN)
    return first, min(first + timedelta(days=SHOWN - 1), last)


def strip(days: Sequence[CalendarDay], kind: str, this: date | None = None) -> list[Cell]:
    return [cell_of(day, day.morning if kind == Kind.MORNING else day.evening, this) for day in days]


def cell_of(day: CalendarDay, mark: Mark, this: date | None = None) -> Cell:
    standing = mark.standing
    tone, word = standing_in_words(mark)
    is_reachable = standing.status is not Status.LATER or day.is_today
    url = reverse("review", args=[standing.kind, day.day.isoformat()]) if is_reachable else ""
    return Cell(day.day, day.number, tone, word, url, day.day == this)


def standing_in_words(mark: Mark) -> tuple[str, str]:
    """A tone ("" where it is not over yet) and a word: “11 ok”, “2 warn”, “missed”, “6 of 11”."""
    status = mark.standing.status
    if status is Status.SIGNED:
        return signed_in_words(mark.counts)
    if status is Status.BEGUN:
        return "", _("%(done)s of %(total)s") % {"done": mark.ticked, "total": mark.total}
    if status is Status.MISSED:
        return "fail", _("missed")
    words = {Status.DUE: pgettext("a review", "due"), Status.LATE: pgettext("a review", "late"), Status.WAITING: _("waiting")}
    return "warn" if status is Status.LATE else "", words.get(status, "")


def signed_in_words(counts: dict[str, int]) -> tuple[str, str]:
    """The worst there was, and how often; else how many were well."""
    worst = next((state for state in _WORST_FIRST if counts.get(state)), "ok")
    return worst, f"{counts.get(worst, 0)} {state_word(worst)}"

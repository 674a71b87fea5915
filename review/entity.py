"""How reviews and their lines are called in the audit log."""

from datetime import date
from typing import TypedDict

from opsportal.lines import Line
from opsportal.words import Words
from review.models import Review


class Entity(TypedDict):
    entity_type: str
    entity_id: str
    entity_label: str


def of_review(review: Review) -> Entity:
    return of_day(review.kind, review.day)


def of_day(kind: str, day: date) -> Entity:
    """A review of a day, also where nobody has begun it."""
    return {"entity_type": "review", "entity_id": f"{kind}/{day:%Y-%m-%d}", "entity_label": f"{kind} {day:%Y-%m-%d}"}


def of_line(review: Review, line: Line) -> Entity:
    """The review, and in the label the line."""
    return {**of_review(review), "entity_label": f"{review}: {_in_english(line)}"}


def of_line_alone(line: Line) -> Entity:
    """The line of every review."""
    return {"entity_type": "review_line", "entity_id": line.key, "entity_label": _in_english(line)}


def _in_english(line: Line) -> str:
    return Words.of_label(line.question).text

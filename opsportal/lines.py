"""The lines of reviews. Apps register theirs in apps.py; `review` reads them, so that no app below it has to know it.

A line is a question with a figure: asked anew whenever a review is opened, sampled by a job in between, and kept as it was
answered when the review is signed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from opsportal.words import Figure, Words

Text = str | Promise
MORNING, EVENING = "morning", "evening"

# In the manual's order.
GROUPS: dict[str, Text] = {
    "feed": _("Feed health"), "jobs": _("Jobs"), "governance": _("Governance"), "money": _("Money"), "beta": _("Beta"), "users": _("What users say"),
    "day": _("The day"),
}  # fmt: skip


class State(StrEnum):
    """How a line stands. UNKNOWN is never green: nobody could find out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Link:
    """Evidence: what it is, and the page that shows it."""

    label: Words
    url: str


@dataclass(frozen=True, slots=True)
class Act:
    """The button that mends it. `url` is the act's own page (with its own confirmation, reason and rights), or, with `is_post`, what the
    button posts to by itself. Offered only to those with `permission`; others read which roles have it."""

    label: Words
    url: str
    permission: str
    is_post: bool = False
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line found. `detail` says in a sentence what is behind the figure."""

    state: State
    figure: Figure = field(default_factory=Figure)
    detail: Words = field(default_factory=Words)
    evidence: tuple[Link, ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """`question` in words (“Feed loads fast enough”), `threshold` in words (“under 2 s”). `read` asks the database only, within `seconds`;
    what it raises makes the line unknown. `limit` is drawn in its trend. `permission`: who may see it."""

    key: str
    group: str
    question: Text
    threshold: Text
    read: Callable[[], Answer]
    permission: str
    reviews: tuple[str, ...] = (MORNING,)
    order: int = 50
    seconds: float = 5.0
    limit: float | None = None


_lines: dict[str, Line] = {}


def register_line(*lines: Line) -> None:
    """Raises ImproperlyConfigured for a key that is taken and for a group or a review that there is not."""
    for line in lines:
        if line.key in _lines:
            raise ImproperlyConfigured(f"There are two lines “{line.key}”.")
        if line.group not in GROUPS or not set(line.reviews) <= {MORNING, EVENING}:
            raise ImproperlyConfigured(f"{line.key}: no such group or review.")
        _lines[line.key] = line


def unregister_line(key: str) -> None:
    """For tests."""
    del _lines[key]


def all_lines() -> list[Line]:
    """By group, in the manual's order."""
    places = {group: place for place, group in enumerate(GROUPS)}
    return sorted(_lines.values(), key=lambda line: (places[line.group], line.order, line.key))


def lines_of(review: str) -> list[Line]:
    return [line for line in all_lines() if review in line.reviews]


def find(key: str) -> Line | None:
    return _lines.get(key)


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """What is kept of an answer."""
    return {
        "state": str(answer.state),
        "figure": answer.figure.to_json(),
        "detail": answer.detail.to_json(),
        "evidence": [{"label": link.label.to_json(), "url": link.url} for link in answer.evidence],
        "acts": [
            {"label": act.label.to_json(), "url": act.url, "permission": act.permission, "is_post": act.is_post, "values": act.values}
            for act in answer.acts
        ],
    }


def answer_from_json(kept: dict[str, Any]) -> Answer:
    return Answer(
        State(kept["state"]),
        Figure.from_json(kept["figure"]),
        Words.from_json(kept["detail"]),
        _links(kept["evidence"]),
        tuple(Act(**{**act, "label": Words.from_json(act["label"])}) for act in kept["acts"]),
    )


def _links(kept: Iterable[dict[str, Any]]) -> tuple[Link, ...]:
    return tuple(Link(Words.from_json(link["label"]), link["url"]) for link in kept)

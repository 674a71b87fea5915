"""What a signed review froze. Kept are parts, not texts: it reads in either language, and needs neither code nor data of today.

{"version": 1, "lines": {key: {"place", "group", "question", "threshold", "permission", "answer", "error", "read_at", "seconds", "tick",
"note", "assignee_id", "assignee", "snooze", "before"}}, "earlier_note": …}; the review's own columns are frozen with it.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TypeVar

from opsportal.lines import State, answer_from_json, answer_to_json
from opsportal.words import Figure, Words
from review.models import Review
from review.page import Before, EarlierNote, LineView, Note, ReviewPage, SnoozeView, Stamp
from review.status import Standing

VERSION = 1
T = TypeVar("T")


def freeze(page: ReviewPage) -> dict[str, Any]:
    """JSON of what the page shows."""
    return {
        "version": VERSION,
        "lines": {line.key: {"place": place, **_frozen(line)} for place, line in enumerate(page.lines)},
        "earlier_note": _plain(page.earlier_note),
    }


def thaw(review: Review, standing: Standing) -> ReviewPage:
    """The page of a signed review, as it was."""
    kept = review.snapshot or {"lines": {}, "earlier_note": None}
    lines = sorted(kept["lines"].items(), key=lambda pair: pair[1]["place"])
    earlier = kept["earlier_note"]
    return ReviewPage(
        review.kind, review.day, standing, tuple(_thawed(key, line) for key, line in lines),
        begun=Stamp(review.begun_at, review.begun_by),
        signed=Stamp(review.signed_at, review.signed_by) if review.signed_at else None,
        sign_reason=review.sign_reason, note=review.note,
        earlier_note=EarlierNote(**{**earlier, "day": date.fromisoformat(earlier["day"])}) if earlier else None,
    )  # fmt: skip


def before_of(review: Review, key: str) -> Before | None:
    """A line's figure in a signed review, for the next day's."""
    line = (review.snapshot or {}).get("lines", {}).get(key)
    return Before(review.day, State(line["answer"]["state"]), Figure.from_json(line["answer"]["figure"])) if line else None


def _frozen(line: LineView) -> dict[str, Any]:
    before = line.before
    return {
        "group": line.group, "question": line.question.to_json(), "threshold": line.threshold.to_json(), "permission": line.permission,
        "answer": answer_to_json(line.answer), "error": line.error.to_json(), "read_at": _plain(line.read_at), "seconds": line.seconds,
        "tick": _plain(line.tick), "note": _plain(line.note), "assignee_id": line.assignee_id, "assignee": line.assignee,
        "snooze": _plain(line.snooze),
        "before": {"day": before.day.isoformat(), "state": str(before.state), "figure": before.figure.to_json()} if before else None,
    }  # fmt: skip


def _thawed(key: str, kept: dict[str, Any]) -> LineView:
    answer, before = answer_from_json(kept["answer"]), kept["before"]
    return LineView(
        key, kept["group"], Words.from_json(kept["question"]), Words.from_json(kept["threshold"]), kept["permission"], answer.state, answer,
        error=Words.from_json(kept["error"]), read_at=_moment(kept["read_at"]), seconds=kept["seconds"],
        tick=_stamped(Stamp, kept["tick"]), note=_stamped(Note, kept["note"]), snooze=_stamped(SnoozeView, kept["snooze"]),
        assignee_id=kept["assignee_id"], assignee=kept["assignee"],
        before=Before(date.fromisoformat(before["day"]), State(before["state"]), Figure.from_json(before["figure"])) if before else None,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Moments as text, small dataclasses as objects of them."""
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()
    return {name: _plain(part) if isinstance(part, date) else part for name, part in asdict(value).items()}


def _moment(kept: str | None) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


_MOMENTS = {"at", "until", "since"}


def _stamped(made: Callable[..., T], kept: dict[str, Any] | None) -> T | None:
    if kept is None:
        return None
    return made(**{name: _moment(part) if name in _MOMENTS else part for name, part in kept.items()})

"""What comes out: a score, a bucket and the reasons, which are stored as figures and worded when they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Bucket = Literal["safe", "watch", "risky", "unknown"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why points were given (+ is riskier) or taken off (-). `figures` are plain JSON values, one set for each code."""

    code: str
    points: int
    figures: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Risk:
    """`score` 0 to 100; `reasons` with the gravest first, what speaks for the offer last."""

    score: int
    bucket: Bucket
    reasons: tuple[Reason, ...]


def as_json(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """For a JSON column."""
    return [{"code": reason.code, "points": reason.points, "figures": dict(reason.figures)} for reason in reasons]


def from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    """What `as_json` made of them."""
    return tuple(Reason(item["code"], item["points"], dict(item["figures"])) for item in stored)

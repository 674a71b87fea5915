"""When a customer's plan begins and ends, where payments come one after the other: time that is paid for is never lost. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """`key` tells them apart. `paid_at` is set for one that may be moved: it lasts as long as it does and begins when it is paid,
    or when what the customer has by then runs out. `until` None: without an end."""

    key: str
    starts_at: datetime
    until: datetime | None
    paid_at: datetime | None = None


def place(spans: Iterable[Span]) -> dict[str, Span]:
    """All of one customer and one plan, each where it belongs: the same whatever order they came in."""
    spans = list(spans)
    placed = [span for span in spans if span.paid_at is None or span.until is None]
    for span in sorted((span for span in spans if span not in placed), key=lambda one: (one.paid_at, one.key)):
        begins = covered_until(placed, span.paid_at)  # type: ignore[arg-type]
        # What has no end has room for nothing after it.
        begins = span.paid_at if begins is None else begins
        placed.append(Span(span.key, begins, begins + length(span), span.paid_at))  # type: ignore[operator, arg-type]
    return {span.key: span for span in placed}


def length(span: Span) -> timedelta:
    """Of one that has an end."""
    assert span.until is not None
    return span.until - span.starts_at


def covered_until(spans: Iterable[Span], at: datetime) -> datetime | None:
    """Until when there is no gap from `at` on; `at` itself where there is nothing. None: without an end."""
    end = at
    for span in sorted(spans, key=lambda one: one.starts_at):
        if span.starts_at <= end and (span.until is None or span.until > end):
            if span.until is None:
                return None
            end = span.until
    return end

"""The page of a review: of its rows while it is open, of its snapshot alone once it is signed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from beta.queries.program import day_of, get_program
from opsportal import clock
from opsportal.lines import Answer, Line, State, answer_from_json, lines_of
from opsportal.words import Figure, Words
from review.answering import LOST, UNREAD, without_answer
from review.models import LOST_AFTER, Review, ReviewLine, Sample, Snooze
from review.page import Before, EarlierNote, LineView, Note, ReviewPage, SnoozeView, Stamp
from review.snapshot import before_of, thaw
from review.status import Standing, standing_of

A_DAY = timedelta(days=1)


def page_of(kind: str, day: date) -> ReviewPage:
    """What the review of that day shows at this moment. At most seven queries, one for a signed review."""
    review = Review.objects.filter(kind=kind, day=day).first()
    now = clock.now()
    if review is not None and review.is_signed:
        return thaw(review, standing_of(kind, day, review, now=now))
    standing = standing_of(kind, day, review, now=now, expected=is_expected(day))
    return ReviewPage(
        kind, day, standing, _lines(kind, day, review, now), begun=Stamp(review.begun_at, review.begun_by) if review else None,
        note=review.note if review else "", earlier_note=earlier_note(kind, day),
    )  # fmt: skip


def standing_today(kind: str) -> Standing:
    """Of today's review. Two queries."""
    day = clock.today()
    review = Review.objects.defer("snapshot").filter(kind=kind, day=day).first()
    return standing_of(kind, day, review, now=clock.now(), expected=is_expected(day))


def is_expected(day: date) -> bool:
    """Whether the day is one of the program's: on others nothing is missed."""
    return day_of(get_program(), day) is not None


def earlier_note(kind: str, day: date) -> EarlierNote | None:
    """What the last review before this one left for the next; the evening's comes after its day's morning."""
    before = Review.objects.defer("snapshot").filter(day__lte=day).exclude(kind=kind, day=day)
    if kind == "morning":
        before = before.filter(day__lt=day)
    # “evening” < “morning”: of one day the evening is the later.
    last = before.order_by("-day", "kind").first()
    return EarlierNote(last.kind, last.day, last.note, last.signed_by or last.begun_by) if last and last.note else None


def live_snoozes(keys: Iterable[str], now: datetime) -> dict[str, SnoozeView]:
    found = Snooze.objects.filter(key__in=list(keys), ended_at=None, until__gt=now)
    return {one.key: SnoozeView(one.until, one.reason, one.by, one.since) for one in found}


def _lines(kind: str, day: date, review: Review | None, now: datetime) -> tuple[LineView, ...]:
    lines = lines_of(kind)
    keys = [line.key for line in lines]
    rows = {row.key: row for row in review.lines.all()} if review else {}
    snoozes = live_snoozes(keys, now)
    before = figures_before(kind, day, keys, (review.begun_at if review else now) - A_DAY)
    return tuple(_line(line, rows.get(line.key), snoozes.get(line.key), before.get(line.key), now) for line in lines)


def _line(line: Line, row: ReviewLine | None, snooze: SnoozeView | None, before: Before | None, now: datetime) -> LineView:
    bare = LineView(
        line.key, line.group, Words.of_label(line.question), Words.of_label(line.threshold), line.permission, State.UNKNOWN, without_answer(UNREAD),
        error=without_answer(UNREAD).detail, snooze=snooze, before=before,
    )  # fmt: skip
    return _with_row(bare, row, now) if row else bare


def _with_row(bare: LineView, row: ReviewLine, now: datetime) -> LineView:
    waits = row.asked_at is not None and (row.read_at is None or row.read_at < row.asked_at)
    lost = waits and row.asked_at is not None and now - row.asked_at > LOST_AFTER
    answer, failed = _answer(row, lost)
    return replace(
        bare, state=answer.state, answer=answer, error=answer.detail if failed else Words(), pending=waits and not lost,
        asked_at=row.asked_at, read_at=row.read_at, seconds=row.seconds,
        tick=Stamp(row.ticked_at, row.ticked_by) if row.ticked_at else None,
        note=Note(row.note, row.noted_by, row.noted_at) if row.note else None,
        assignee_id=row.assignee_id, assignee=row.assignee,
    )  # fmt: skip


def _answer(row: ReviewLine, lost: bool) -> tuple[Answer, bool]:
    """What is known of a line, and whether that is only why nothing is."""
    if lost:
        return without_answer(LOST), True
    if not row.state:
        return without_answer(UNREAD), True
    return answer_from_json(row.answer), bool(row.error)


def figures_before(kind: str, day: date, keys: Sequence[str], at: datetime) -> dict[str, Before]:
    """The lines' figures of the day before: of its signed review, else of the last sample before `at` (not older than a day)."""
    yesterday = Review.objects.filter(kind=kind, day=day - A_DAY, signed_at__isnull=False).first()
    found = {key: before for key in keys if yesterday and (before := before_of(yesterday, key))}
    missing = [key for key in keys if key not in found]
    if missing:
        samples = Sample.objects.filter(key__in=missing, at__gt=at - A_DAY, at__lte=at).order_by("key", "-at").distinct("key")
        found |= {one.key: Before(day - A_DAY, State(one.state), Figure.from_json(one.figure)) for one in samples}
    return found

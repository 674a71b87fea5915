"""Reading the lines of a review at once, beside the requests: by threads of this process, so that it works without Redis.

Each line has its own thread, connection and limits; what it answers is stored as it comes. See docs/adr/0013-reviews.md.
"""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import connection, connections, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from audit.actions import record
from audit.actors import Actor
from opsportal import clock
from opsportal.errors import Conflict
from opsportal.lines import Line, State, answer_to_json, lines_of
from opsportal.sharing import Round, within
from review import entity
from review.action_types import ReviewAction
from review.answering import Reading, ask_line
from review.locking import line_of, open_review
from review.models import LOST_AFTER, Review, ReviewLine

log = structlog.get_logger(__name__)

# So many lines of this process are read at a time. gunicorn.conf.py counts them among its connections.
READERS = 4
SYSTEM = Actor.system("review")
# Tests whose data no other connection can see read in their own thread, at once.
in_threads = True

_lock = threading.Lock()
_readers: ThreadPoolExecutor | None = None
_WORSE = (State.OK, State.WARN, State.UNKNOWN, State.FAIL)


@dataclass(frozen=True, slots=True)
class Question:
    """A line asked at a moment; a later question makes its answer worthless."""

    review_id: int
    line: Line
    asked_at: datetime
    round: Round


@transaction.atomic
def ask(review: Review, keys: Sequence[str] | None = None) -> int:
    """Read these lines of the review, or all of them; the answers come after the commit. Returns how many were asked.

    A line that is being read isn't asked again. Raises what open_review() does, Conflict (day_over) after the review's day, though it
    may still be signed then, and NotFound (line_unknown). No act, and no audit row: nothing but figures changes.
    """
    locked = open_review(review.kind, review.day)
    if locked.day != clock.today():
        # Lines ask about today: after midnight a fail of “today” would be none any more, and yesterday's review would say so.
        raise Conflict(_("That day is over: what is read now belongs to today's review."), code="day_over")
    lines = lines_of(locked.kind) if keys is None else [line_of(locked.kind, key) for key in dict.fromkeys(keys)]
    now = clock.now()
    ReviewLine.objects.bulk_create([ReviewLine(review=locked, key=line.key) for line in lines], ignore_conflicts=True)
    at_rest = Q(asked_at=None) | Q(read_at__gte=F("asked_at")) | Q(asked_at__lt=now - LOST_AFTER)
    rows = locked.lines.filter(at_rest, key__in=[line.key for line in lines])
    asked = set(rows.values_list("key", flat=True))
    locked.lines.filter(key__in=asked).update(asked_at=now)
    round_ = Round()
    _begin([Question(locked.pk, line, now, round_) for line in lines if line.key in asked])
    return len(asked)


def _begin(questions: Iterable[Question]) -> None:
    if in_threads:
        wanted = list(questions)
        transaction.on_commit(lambda: _hand_out(wanted), robust=True)
        return
    for question in questions:
        _read(question)


def _hand_out(questions: Iterable[Question]) -> None:
    global _readers
    # Made by the first who asks, in the process that serves: threads don't outlive a fork.
    with _lock:
        _readers = _readers or ThreadPoolExecutor(READERS, thread_name_prefix="review")
    for question in questions:
        _readers.submit(_read_in_thread, question)


def _read_in_thread(question: Question) -> None:
    try:
        _read(question)
    except Exception:
        # Nobody waits for this thread. The line is lost after LOST_AFTER, and can be read again.
        log.exception("review_line_lost", line=question.line.key)
    finally:
        connections.close_all()


def _read(question: Question) -> None:
    with within(question.round):
        reading = ask_line(question.line)
    _keep(question, reading)


@transaction.atomic
def _keep(question: Question, reading: Reading) -> None:
    if in_threads:
        with connection.cursor() as cursor:
            # A requests' connection gives up soon; here nobody waits, and an answer would be lost.
            cursor.execute("SET LOCAL lock_timeout = '10s'")
    review = Review.objects.select_for_update().get(pk=question.review_id)
    row = review.lines.filter(key=question.line.key, asked_at=question.asked_at).first()
    if review.is_signed or row is None:
        return
    _lift_tick(review, row, question.line, reading)
    row.state, row.answer, row.error = reading.answer.state, answer_to_json(reading.answer), reading.error
    row.read_at, row.seconds = clock.now(), reading.seconds
    row.save()


def _lift_tick(review: Review, row: ReviewLine, line: Line, reading: Reading) -> None:
    """A tick says “I have looked at this”: it stays unless what was looked at has become worse."""
    if row.ticked_at is None or _badness(reading.answer.state) <= _badness(row.state or State.UNKNOWN):
        return
    record(
        actor=SYSTEM, action_type=ReviewAction.UNTICK_LINE, **entity.of_line(review, line), reason="it became worse when it was read again",
        changes={"ticked_by": (row.ticked_by, ""), "state": (row.state, str(reading.answer.state))},
    )  # fmt: skip
    row.ticked_at, row.ticked_by = None, ""


def _badness(state: str) -> int:
    return _WORSE.index(State(state))

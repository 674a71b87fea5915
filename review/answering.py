"""Asking one line, within its limits. What goes wrong becomes an unknown answer with its reason: nothing is raised from here."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import override
from psycopg_pool import PoolTimeout

from opsportal.lines import Answer, Line, State, answer_from_json, answer_to_json
from opsportal.words import Words, said

log = structlog.get_logger(__name__)

TIMEOUT, DATABASE, FAILED, LOST, UNREAD = "timeout", "database", "failed", "lost", "unread"
# The whole session is read only and given back: a line can't change anything, and no setting outlives it.
_LIMITS = "SELECT set_config('statement_timeout', %s, true), set_config('transaction_read_only', 'on', true)"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of asking a line. `error` is a code, and then `answer` is unknown and its detail the reason in words."""

    answer: Answer
    seconds: float
    error: str = ""


class TookTooLong(Exception):
    """The line's time was up between two of its statements."""


def ask_line(line: Line) -> Reading:
    """Ask now, in this thread. In a transaction that is open it leaves no trace but the time it took."""
    started = time.monotonic()
    try:
        # Texts are kept in English and translated for each reader.
        with override("en"):
            answer = _plain(_answer(line, started + line.seconds))
        return Reading(answer, time.monotonic() - started)
    except Exception as error:
        code = _code(error)
        log.warning("review_line_unknown", line=line.key, code=code, exc_info=True)
        return Reading(Answer(State.UNKNOWN, detail=_reason(code, line, error)), time.monotonic() - started, code)


def without_answer(code: str) -> Answer:
    """What stands for an answer that never came: LOST or UNREAD."""
    return Answer(State.UNKNOWN, detail=_NO_ANSWER[code])


def _answer(line: Line, end: float) -> Answer:
    def in_time(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if time.monotonic() > end:
            raise TookTooLong
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LIMITS, [str(max(1, int(line.seconds * 1000)))])
        try:
            with connection.execute_wrapper(in_time):
                return line.read()
        finally:
            transaction.set_rollback(True)


def _plain(answer: Answer) -> Answer:
    """As it will be kept: raises ValueError or TypeError for what JSON and PostgreSQL can't hold."""
    text = json.dumps(answer_to_json(answer), allow_nan=False)
    return answer_from_json(json.loads(text.replace("\\u0000", "")))


def _code(error: BaseException) -> str:
    cause = error.__cause__
    if isinstance(error, TimeoutError | TookTooLong) or isinstance(cause, psycopg.errors.QueryCanceled | psycopg.errors.LockNotAvailable):
        return TIMEOUT
    return DATABASE if isinstance(error, OperationalError | InterfaceError | PoolTimeout) else FAILED


def _reason(code: str, line: Line, error: Exception) -> Words:
    # Never the error's own text: it may hold an address with a password, or somebody's data. That goes to the log.
    if code == TIMEOUT:
        return said("It took longer than its limit of %(seconds)s s.", seconds=line.seconds)
    if code == DATABASE:
        return said("The database did not answer.")
    return said("It could not be computed (%(error)s). The log says more.", error=type(error).__name__)


_NO_ANSWER = {
    LOST: said("The answer never came. Read it again."),
    UNREAD: said("It was not read yet."),
}

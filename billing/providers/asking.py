"""Calls to a provider's API: bounded in time and size, to the address in the settings only, and every failure in words that hold no token."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import structlog
from django.utils.translation import gettext as _

from billing.report import CouldNotAsk
from opsportal.outgoing import Answer, BadAddress, Failed, Limits, Session, TooSlow

CONNECT_SECONDS = 3.0
CALL_SECONDS = 8.0
# One question may take several calls: a payment, its refunds, its disputes, its checkout.
QUESTION_SECONDS = 20.0
MOST_BYTES = 2 * 1024 * 1024

_most_seconds: ContextVar[float] = ContextVar("most_seconds", default=QUESTION_SECONDS)

log = structlog.get_logger(__name__)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """A question asked in here has so many seconds at most: somebody waits for the answer."""
    token = _most_seconds.set(seconds)
    try:
        yield
    finally:
        _most_seconds.reset(token)


@cache
def _session_of(_process: int) -> Session:
    # A connection must not cross a fork, so each process has its own.
    return Session(connect_seconds=CONNECT_SECONDS, kept=16)


class Line:
    """The calls of one question. `seconds` for all of them together; None for a list that is read as long as somebody takes it.

    `is_found_later`: whether what is not found may be found by another try.
    """

    def __init__(self, label: str, token: str, *, seconds: float | None = QUESTION_SECONDS, is_found_later: bool = False) -> None:
        if not token:
            raise CouldNotAsk("no_token", _("No access token is set for %(provider)s.") % {"provider": label})
        # httpx would quote a header it can't send in its error.
        if not (token.isascii() and token.isprintable() and " " not in token):
            raise CouldNotAsk("refused_token", _("The access token of %(provider)s holds characters that no token has.") % {"provider": label})
        self.label, self._is_found_later = label, is_found_later
        self._end = None if seconds is None else time.monotonic() + min(seconds, _most_seconds.get())

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """An answer of 200 to 299, whole. Raises CouldNotAsk for everything else; no redirect is followed."""
        try:
            answer = _session_of(os.getpid()).call("GET", url, headers=headers, limits=Limits(CONNECT_SECONDS, self._seconds(), MOST_BYTES))
        except TooSlow:
            raise CouldNotAsk("timeout", _("%(provider)s did not answer in time.") % {"provider": self.label}) from None
        except (Failed, BadAddress) as error:
            raise CouldNotAsk("unreachable", _("%(provider)s can't be reached. %(why)s") % {"provider": self.label, "why": str(error)}) from None
        if not 200 <= answer.status < 300:
            raise self._refused(answer.status)
        if not answer.is_whole:
            raise CouldNotAsk("broken", _("%(provider)s answered with more than 2 MB.") % {"provider": self.label}, again=False)
        return answer

    def _seconds(self) -> float:
        """None left is too slow before anything is called."""
        return CALL_SECONDS if self._end is None else min(CALL_SECONDS, self._end - time.monotonic())

    def _refused(self, status: int) -> CouldNotAsk:
        facts = {"provider": self.label, "status": status}
        if status in (401, 403):
            # Mended in one place for all: what was to be asked should then ask again by itself.
            return CouldNotAsk("refused_token", _("%(provider)s refuses the access token (%(status)s).") % facts)
        if status == 404:
            return CouldNotAsk("not_found", _("%(provider)s knows no such thing, or not for this account.") % facts, again=self._is_found_later)
        if status == 429:
            return CouldNotAsk("too_many", _("%(provider)s was asked too often and wants a pause (429).") % facts)
        if status >= 500:
            return CouldNotAsk("broken", _("%(provider)s has a problem of its own (%(status)s).") % facts)
        return CouldNotAsk("broken", _("%(provider)s did not take the question (%(status)s).") % facts, again=False)


@contextmanager
def understood(label: str) -> Iterator[None]:
    """Around the reading of an answer: one that is not of the shape it should be is CouldNotAsk, never half a report."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        log.warning("billing.answer_not_understood", provider=label, exc_info=error)
        raise CouldNotAsk("broken", _("%(provider)s answered something that makes no sense here.") % {"provider": label}) from None


def endless(label: str) -> CouldNotAsk:
    return CouldNotAsk("broken", _("%(provider)s's list does not end.") % {"provider": label}, again=False)


def unknown_status(label: str, status: object, thing: str) -> CouldNotAsk:
    """Not guessed: a state that we don't know counts as no answer."""
    facts = {"provider": label, "status": str(status)[:60], "thing": thing}
    return CouldNotAsk("broken", _("%(provider)s says “%(status)s” of %(thing)s, which this portal does not know.") % facts, again=False)

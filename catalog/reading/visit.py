"""One page, fetched: robots, redirects, validators, compression and limits."""

import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Literal

import httpx
from django.conf import settings
from django.utils.translation import override

from catalog.reading.robots import AGENT, MOST_BYTES, Robots, read_robots
from opsportal import clock
from opsportal.outgoing import Answer, BadAddress, Failed, Limits, Session, TooManyRedirects, TooSlow, checked_url

MOST_SECONDS = 10.0
MOST_PAGE_BYTES = 2 * 1024 * 1024
MOST_REDIRECTS = 3
# Less time than this is not worth a visit.
LEAST_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Want:
    """A page to fetch. `key` is the caller's; pages of one `store` share its `concurrency` and the `delay` (seconds) between two starts."""

    key: str
    url: str
    store: str
    etag: str = ""
    last_modified: str = ""
    delay: float = 0.04
    concurrency: int = 6
    most_bytes: int = MOST_PAGE_BYTES


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it. `code` and `words` (plain English) say why it failed or was not begun; `retry_after` is in seconds.

    not_begun: the time was over before, or ran out within the visit. It says nothing about the page.
    """

    state: Literal["ok", "not_modified", "failed", "not_begun"]
    code: str = ""
    words: str = ""
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    final_url: str = ""
    seconds: float = 0.0
    status: int | None = None
    retry_after: float | None = None


class _Ended(Exception):
    """How a visit ended, from within."""

    def __init__(self, state: Literal["failed", "not_begun"], code: str, words: str) -> None:
        super().__init__(words)
        self.state, self.code, self.words = state, code, words


class RobotsCache:
    """Rules by origin. One for a run: asked once each, by whoever comes first."""

    def __init__(self) -> None:
        self._known: dict[str, Robots] = {}
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def known(self, url: str) -> Robots | None:
        return self._known.get(origin(url))

    def get(self, url: str, ask: Callable[[str], Robots]) -> Robots:
        place = origin(url)
        with self._lock:
            own = self._locks.setdefault(place, Lock())
        with own:
            if place not in self._known:
                self._known[place] = ask(f"{place}/robots.txt")
            return self._known[place]


def origin(url: str) -> str:
    try:
        parsed = httpx.URL(url)
        return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"
    except (httpx.InvalidURL, ValueError):
        return ""


def agent_header() -> str:
    contact = settings.OPS_TRACKER_CONTACT
    return f"{AGENT} price tracker (+{contact})" if contact else f"{AGENT} price tracker"


class Visitor:
    """Visits pages until `end` (time.monotonic()), from any number of threads."""

    def __init__(self, session: Session, robots: RobotsCache, end: float) -> None:
        self._session, self._robots, self._end = session, robots, end

    def learn_rules(self, want: Want) -> None:
        """Ask for the host's robots.txt, unless it is known. What is wrong with it, visit() says."""
        with override("en"), suppress(_Ended):
            self._rules(want.url)

    def visit(self, want: Want) -> Fetched:
        """Never longer than 10 s for the page, and another 10 s for the host's robots.txt, which is asked for once."""
        began = time.monotonic()
        # What is kept as a fact is English, whoever's language this thread has.
        with override("en"):
            try:
                answer = self._follow(want)
                return _outcome(want, answer, time.monotonic() - began)
            except _Ended as ended:
                return Fetched(ended.state, ended.code, ended.words, final_url=want.url, seconds=time.monotonic() - began)

    def _follow(self, want: Want) -> Answer:
        url, over = want.url, None
        for _hop in range(MOST_REDIRECTS + 1):
            self._check_robots(url)
            over = over or time.monotonic() + MOST_SECONDS
            headers = _validators(want) if origin(url) == origin(want.url) else {}
            answer = self._call(url, headers, over, most=want.most_bytes)
            location = answer.headers.get("location", "")
            if answer.status not in (301, 302, 303, 307, 308) or not location:
                return answer
            try:
                url = str(httpx.URL(url).join(location).copy_with(fragment=None))
            except (httpx.InvalidURL, ValueError):
                raise _Ended("failed", "bad_address", "The page redirects to what is no web address.") from None
        raise _Ended("failed", "too_many_redirects", f"The page redirects more than {MOST_REDIRECTS} times.")

    def _rules(self, url: str) -> Robots:
        try:
            checked_url(url)
        except BadAddress as error:
            raise _Ended("failed", "bad_address", str(error)) from None
        return self._robots.get(url, self._ask_robots)

    def _check_robots(self, url: str) -> None:
        robots = self._rules(url)
        if robots.is_unreachable:
            raise _Ended("failed", "robots_unreachable", f"The store's robots.txt can't be read, so nothing is asked for: {robots.words}")
        if not robots.allows(url):
            raise _Ended("failed", "robots", "The store's robots.txt asks not to read this page.")

    def _ask_robots(self, url: str) -> Robots:
        try:
            answer = self._call(url, {}, time.monotonic() + MOST_SECONDS, most=MOST_BYTES, redirects=5)
        except _Ended as ended:
            if ended.state == "not_begun" or ended.code == "bad_address":
                raise
            return Robots(None, ended.words)
        try:
            body = _unpacked(answer, MOST_BYTES)
        except _Ended:
            body = b""
        return read_robots(body, answer.status, f"it answered {answer.status}.")

    def _call(self, url: str, headers: dict[str, str], over: float, *, most: int, redirects: int = 0) -> Answer:
        """Raises _Ended."""
        now = time.monotonic()
        if self._end - now < LEAST_SECONDS:
            raise _Ended("not_begun", "not_begun", "The run's time was over.")
        if over <= now:
            raise _Ended("failed", "timeout", f"No answer within {MOST_SECONDS:g} s.")
        limits = Limits(total_seconds=min(over, self._end) - now, most_bytes=most, redirects=redirects)
        all_headers = {"User-Agent": agent_header(), "Accept-Encoding": "gzip", "Accept": "text/html,application/json;q=0.9,*/*;q=0.5", **headers}
        try:
            return self._session.call("GET", url, headers=all_headers, limits=limits)
        except BadAddress as error:
            raise _Ended("failed", "bad_address", str(error)) from None
        except TooManyRedirects as error:
            raise _Ended("failed", "too_many_redirects", str(error)) from None
        except TooSlow:
            if limits.total_seconds < over - now and time.monotonic() > self._end - 0.05:
                raise _Ended("not_begun", "cut", "The run's time was over before the page had come.") from None
            raise _Ended("failed", "timeout", f"No answer within {time.monotonic() - over + MOST_SECONDS:.0f} s.") from None
        except Failed as error:
            raise _Ended("failed", "unreachable", str(error)[:300]) from None


def _validators(want: Want) -> dict[str, str]:
    given = {"If-None-Match": want.etag, "If-Modified-Since": want.last_modified}
    return {name: value for name, value in given.items() if value and value.isascii() and value.isprintable()}


def _outcome(want: Want, answer: Answer, seconds: float) -> Fetched:
    code, words = _verdict(want, answer)
    state: Literal["ok", "not_modified", "failed"] = "failed" if code else "not_modified" if answer.status == 304 else "ok"
    body = b""
    if state == "ok":
        try:
            body = _unpacked(answer, want.most_bytes)
        except _Ended as ended:
            state, code, words = "failed", ended.code, ended.words
    return Fetched(
        state,
        code,
        words,
        body,
        answer.headers.get("content-type", "")[:200],
        answer.headers.get("etag", want.etag if state == "not_modified" else "")[:1000],
        answer.headers.get("last-modified", want.last_modified if state == "not_modified" else "")[:1000],
        answer.url,
        seconds,
        answer.status,
        _retry_after(answer),
    )


def _verdict(want: Want, answer: Answer) -> tuple[str, str]:
    status = answer.status
    if status == 200 or (status == 304 and _validators(want)):
        return "", ""
    if status == 429:
        wait = _retry_after(answer)
        return "too_many", f"The store had too many visits (429){f' and wants none for {wait:.0f} s' if wait else ''}."
    return f"http_{status}", f"The page answered {status}."


def _retry_after(answer: Answer) -> float | None:
    """Seconds; the header holds seconds or a date (RFC 9110)."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 9:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max((at.replace(tzinfo=at.tzinfo or UTC) - clock.now()).total_seconds(), 0.0)


def _unpacked(answer: Answer, most: int) -> bytes:
    """The body as it was before the store compressed it, never more than `most` bytes of it. Raises _Ended."""
    too_large = _Ended("failed", "too_large", f"The page is larger than {most // (1024 * 1024)} MiB.")
    if not answer.is_whole:
        raise too_large
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return answer.body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _Ended("failed", "encoding", f"The page came compressed as {encoding[:40]}, which was not asked for.")
    # 32: gzip or zlib by its head; -15: deflate without a head, as some servers send it.
    for window in (47, -15) if encoding == "deflate" else (47,):
        unpacker = zlib.decompressobj(window)
        try:
            body = unpacker.decompress(answer.body, most + 1)
        except zlib.error:
            continue
        if len(body) > most:
            raise too_large
        if unpacker.eof:
            return body
    raise _Ended("failed", "encoding", "The page came broken: it can't be decompressed.")

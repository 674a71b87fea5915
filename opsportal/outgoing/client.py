import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpcore
import httpx
from django.utils.translation import gettext as _

from opsportal.outgoing.address import Unknown, checked_url
from opsportal.outgoing.network import Deadline, DeadlineOfThread, Transport

USER_AGENT = "OpsPortal"


@dataclass(frozen=True, slots=True)
class Limits:
    """`total_seconds` is for all of it: names, connections, redirects, and the answer to its last byte that is wanted.

    Of the body `most_bytes` are read; the rest is left. `redirects` is how many are followed, each checked like the first address.
    """

    connect_seconds: float = 5.0
    total_seconds: float = 15.0
    most_bytes: int = 1024 * 1024
    redirects: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `is_whole` is False where the body was longer than wanted; `url` is where the last redirect led.

    `first_seconds`: until the answer began, after all redirects; `seconds`: until its last byte that was wanted.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    is_whole: bool
    url: str
    seconds: float
    redirects: list[str] = field(default_factory=list)
    first_seconds: float = 0.0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Failed(Exception):
    """No answer, for a reason in words. Another try may work."""


class TooSlow(Failed):
    pass


class TooManyRedirects(Failed):
    pass


def call(method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", limits: Limits | None = None) -> Answer:
    """Call an address outside, without cookies, proxies or credentials of the environment. Any status is an answer.

    Raises BadAddress for one that is never called (also when a redirect leads there), TooSlow after `total_seconds`,
    TooManyRedirects, and Failed for everything else that keeps an answer from coming.
    """
    limits = limits or Limits()
    deadline = Deadline(limits.total_seconds)
    with Transport(deadline, limits.connect_seconds) as transport:
        return _called(transport, method, url, headers=headers, body=body, limits=limits)


class Session:
    """Calls that share connections, from any number of threads: for many calls to few hosts. Each is as bounded as call().

    An address is checked when a connection to it is opened; a connection that is kept leads where it always led.
    """

    def __init__(self, *, connect_seconds: float = 5.0, kept: int = 64) -> None:
        self._deadline = DeadlineOfThread()
        self._transport = Transport(self._deadline, connect_seconds, kept=kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._transport.close()

    def call(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits) -> Answer:
        """As the function call(), without a body; `connect_seconds` is the session's. A kept connection that the other
        side has just closed costs nothing: it is opened anew."""
        began = time.monotonic()
        self._deadline.begin(limits.total_seconds)
        try:
            return _called(self._transport, method, url, headers=headers, limits=limits)
        except (TooSlow, TooManyRedirects):
            raise
        except Failed:
            if self._deadline.connected:
                raise
        self._deadline.begin(limits.total_seconds - (time.monotonic() - began))
        return _called(self._transport, method, url, headers=headers, limits=limits)


class _Lent(httpx.BaseTransport):
    """A transport that isn't closed by who uses it: a client of its own for each call keeps no cookies from one to the next."""

    def __init__(self, owned: Transport) -> None:
        self._owned = owned

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._owned.handle_request(request)


def _called(transport: Transport, method: str, url: str, *, headers: Mapping[str, str] | None, body: bytes = b"", limits: Limits) -> Answer:
    began = time.monotonic()
    wanted = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
    try:
        with httpx.Client(transport=_Lent(transport), trust_env=False, follow_redirects=False) as client:
            return _follow(
                client, client.build_request(method, checked_url(url), headers=wanted, content=body or None), limits, began, own=set(headers or {})
            )
    except httpcore.TimeoutException:
        raise TooSlow(_("It took longer than %(seconds)s s.") % {"seconds": f"{limits.total_seconds:g}"}) from None
    except Unknown as error:
        raise Failed(str(error)) from None
    # The two last ones: a Location that is no address. httpx reads it also where it is not followed.
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, ssl.SSLError, OSError, httpx.InvalidURL, UnicodeError) as error:
        raise Failed(_("It can't be reached: %(error)s") % {"error": str(error) or type(error).__name__}) from None


def _follow(client: httpx.Client, request: httpx.Request | None, limits: Limits, began: float, *, own: set[str]) -> Answer:
    passed: list[str] = []
    while request is not None:
        response = client.send(request, stream=True)
        first = time.monotonic() - began
        try:
            if response.next_request is None or not limits.redirects:
                body, is_whole = _read(response, limits.most_bytes)
                return Answer(response.status_code, response.headers, body, is_whole, str(request.url), time.monotonic() - began, passed, first)
            passed.append(str(request.url))
            request = _onward(request, response.next_request, own)
        finally:
            response.close()
        if len(passed) > limits.redirects:
            raise TooManyRedirects(_("It redirected more than %(times)s times.") % {"times": limits.redirects})
        checked_url(str(request.url))
    raise AssertionError("a redirect always leads somewhere")


def _onward(before: httpx.Request, after: httpx.Request, own: set[str]) -> httpx.Request:
    """What the caller gave along was meant for the first host: keys and signatures don't go to another."""
    if (before.url.scheme, before.url.host, before.url.port) != (after.url.scheme, after.url.host, after.url.port):
        for name in own:
            after.headers.pop(name, None)
    return after


def _read(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """The first `most` bytes, and whether that is all. Not decompressed: a small answer must not become a large one."""
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most:
            return bytes(body[:most]), False
    return bytes(body), True

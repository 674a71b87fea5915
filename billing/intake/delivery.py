"""A request as a delivery: the raw body within its limit, and only those headers that are needed to verify it, or to understand it later."""

from typing import Any

from django.http import HttpRequest

from billing.report import Delivery

MOST_BYTES = 512 * 1024
# A body above the limit is taken off the connection up to here, or the client would not hear the answer.
READ_ON_BYTES, STEP_BYTES = 4 * 1024 * 1024, 64 * 1024
KEPT_HEADERS = ("stripe-signature", "x-signature", "x-request-id", "user-agent", "content-type")
LONGEST_HEADER = 4096
LONGEST_QUERY = 2000


class TooLarge(Exception):
    """The body is larger than MOST_BYTES."""


def read(request: HttpRequest) -> Delivery:
    """Raises TooLarge, Django's UnreadablePostError for a body that breaks off, and SuspiciousOperation for a query of too many parts."""
    raw = _body(request)
    headers = {name: storable(request.headers[name])[:LONGEST_HEADER] for name in KEPT_HEADERS if name in request.headers}
    query = {name: values[0] for name, values in request.GET.lists() if values}
    return Delivery(raw, headers, query)


def query_of(request: HttpRequest) -> str:
    """The query string as it came, as far as it is kept."""
    return storable(str(request.META.get("QUERY_STRING", "")))[:LONGEST_QUERY]


def storable(text: str) -> str:
    """PostgreSQL stores neither NUL nor half a surrogate pair."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()


def _body(request: HttpRequest) -> bytes:
    # opsportal.middleware has read one that came in chunks.
    in_chunks = hasattr(request, "_body")
    raw: bytes = request._body if in_chunks else request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        _read_on(request.META["wsgi.input"] if in_chunks else request)
        raise TooLarge
    return raw


def _read_on(source: Any) -> None:
    try:
        for _step in range(READ_ON_BYTES // STEP_BYTES):
            if not source.read(STEP_BYTES):
                return
    except Exception:
        # Each server has errors of its own for what breaks off; it is refused all the same.
        return

"""Connections that end at their deadline and lead only where they may.

The name is resolved here and the connection goes to the very address that was checked, so a name server that gives another
answer the second time (DNS rebinding) changes nothing. TLS still checks the certificate against the name.
"""

import os
import ssl
import threading
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from opsportal.outgoing import address

WRITTEN_AT_ONCE = 16 * 1024


class Deadline:
    """A moment by which everything must be over, however slowly it drips."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds left, `most` of them at most. Raises httpcore.ReadTimeout when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if most is None else min(left, most)


class DeadlineOfThread(threading.local):
    """The deadline of the call that the current thread makes, for connections that outlive a call. `connected`: it opened one."""

    current: Deadline
    connected = False

    def begin(self, seconds: float) -> None:
        self.current, self.connected = Deadline(seconds), False

    def left(self, most: float | None = None) -> float:
        return self.current.left(most)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline | DeadlineOfThread) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITTEN_AT_ONCE):
            self._inner.write(buffer[start : start + WRITTEN_AT_ONCE], self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline | DeadlineOfThread, connect_seconds: float) -> None:
        self._inner, self._deadline, self._connect_seconds = httpcore.SyncBackend(), deadline, connect_seconds

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        if isinstance(self._deadline, DeadlineOfThread):
            self._deadline.connected = True
        addresses = address.resolve(host, port, seconds=self._deadline.left(self._connect_seconds))
        for number, one in enumerate(addresses, start=1):
            try:
                stream = self._inner.connect_tcp(str(one), port, self._deadline.left(self._connect_seconds), local_address, socket_options)
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise httpcore.ConnectError


@cache
def _trusted(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Whom TLS trusts: certifi's authorities, or those that the two variables name; httpx reads them itself. Loading takes 20 ms."""
    return httpx.create_ssl_context()


class Transport(httpx.BaseTransport):
    """httpx's own transport takes no network backend, so this hands requests to httpcore itself.

    One connection a request, unless `kept` says how many idle ones to keep for the next requests, for 15 seconds.
    """

    def __init__(self, deadline: Deadline | DeadlineOfThread, connect_seconds: float, *, kept: int = 0) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
            max_connections=None,
            max_keepalive_connections=kept,
            keepalive_expiry=15,
            network_backend=_Backend(deadline, connect_seconds),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path)
        answer = self._pool.handle_request(httpcore.Request(request.method, url, headers=request.headers.raw, content=request.read()))
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))  # type: ignore[arg-type]

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Any:
        yield from self._inner

    def close(self) -> None:
        self._inner.close()

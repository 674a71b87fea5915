"""The outside, over real HTTP on 127.0.0.1: takes every request down and answers as the test says."""

import hashlib
import hmac
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`respond(request, write)` may return (status, headers, body), or write raw bytes itself and return None."""

    url: str = ""
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    respond: Callable[..., tuple[int, dict[str, str], bytes] | None] = lambda request, write: (200, {}, b"ok")

    @property
    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.requests]

    def answers(self, *statuses: int, body: bytes = b"", **headers: str) -> None:
        """These statuses in turn, the last one for ever."""
        left = list(statuses)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.respond = lambda request, write: (left.pop(0) if len(left) > 1 else left[0], named, body)


def is_signed_by(secret: str, request: Request) -> bool:
    """By hand, as docs.stripe.com/webhooks#verify-manually says."""
    pairs = [part.split("=", 1) for part in request.headers["x-ops-signature"].split(",")]
    at = next(value for name, value in pairs if name == "t")
    wanted = hmac.new(secret.encode(), at.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    return wanted in [value for name, value in pairs if name == "v1"]


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.receiver.requests.append(request)
        answer = self.receiver.respond(request, self._write)
        if answer is None:
            self.close_connection = True
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_HEAD = handle_any

    def _write(self, data: bytes) -> bool:
        """False once the other side has gone."""
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except OSError:
            return False
        return True

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def receiving(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Receiver]:
    receiver = Receiver()
    server = ThreadingHTTPServer((host, 0), type("OneHandler", (Handler,), {"receiver": receiver}))
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    receiver.url = f"{'https' if tls else 'http'}://{host}:{receiver.port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()

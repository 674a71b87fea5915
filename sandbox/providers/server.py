"""The outside world on one port: /stripe, /mercadopago, /product, and /control for whoever makes things happen there."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.providers.answers import Answer, Call, Part, as_json

MOST_BYTES = 1024 * 1024


class Outside(ThreadingHTTPServer):
    """`parts` by the first folder of their paths. server_close() ends the calls that wait, too."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, parts: Mapping[str, Part]) -> None:
        self.parts, self.closing = parts, Event()
        super().__init__((host, port), Handler)

    @property
    def address(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_close(self) -> None:
        self.closing.set()
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece: in two, each would wait for the other side's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Outside

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def _serve(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if not size.isdigit() or int(size) > MOST_BYTES:
            self.close_connection = True
            return self._send(as_json(413, {"error": "too large"}))
        body = self.rfile.read(int(size))
        parts = urlsplit(self.path)
        name, _slash, rest = parts.path.lstrip("/").partition("/")
        part = self.server.parts.get(name)
        if part is None:
            return self._send(as_json(404, {"error": f"there are: {', '.join(f'/{each}' for each in self.server.parts)}"}))
        headers = {key.lower(): value for key, value in self.headers.items()}
        return self._send(part.answer(Call(self.command, f"/{rest}", parse_qs(parts.query, keep_blank_values=True), headers, body)))

    def _send(self, answer: Answer) -> None:
        if answer.wait:
            self.server.closing.wait(answer.wait)
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

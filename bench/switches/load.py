"""A load generator that costs little beside what it measures: prepared bytes over kept connections, each with one call under way."""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

HEAD_ENDS = b"\r\n\r\n"


@dataclass(slots=True)
class _Line:
    socket: socket.socket
    got: bytearray = field(default_factory=bytearray)


def request(port: int, path: str, key: str) -> bytes:
    """What a provider sends."""
    body = b'{"context":{"targetingKey":"household-17"}}'
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Accept: */*\r\nUser-Agent: bench\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def calls_a_second(port: int, message: bytes | Callable[[], bytes], *, connections: int, seconds: float) -> float:
    """Answered calls a second, all with one message or each with the next that is made. Ends the process when an answer is not 200 with a body, or none comes."""
    make = message if callable(message) else lambda: message
    selector = selectors.DefaultSelector()
    for _number in range(connections):
        line = _Line(socket.create_connection(("127.0.0.1", port), timeout=10))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line.socket, selectors.EVENT_READ, line)
        line.socket.sendall(make())
    done, began = 0, time.perf_counter()
    until = began + seconds
    while time.perf_counter() < until:
        for key, _events in selector.select(timeout=1):
            if _is_answered(key.data):
                done += 1
                key.data.socket.sendall(make())
    elapsed = time.perf_counter() - began
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    if not done:
        raise SystemExit(f"No call was answered within {seconds} s.")
    return done / elapsed


def _is_answered(line: _Line) -> bool:
    received = line.socket.recv(65536)
    line.got += received
    head, mark, body = bytes(line.got).partition(HEAD_ENDS)
    if not received or not head.startswith(b"HTTP/1.1 200"[: len(head)]):
        raise SystemExit(f"A call went wrong: {bytes(line.got)[:300]!r}")
    if not mark or len(body) < _length(head):
        return False
    line.got.clear()
    return True


def _length(head: bytes) -> int:
    return next(int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:"))

"""A very small HTTP/1.1 client over one kept connection. It costs a tenth of httpx, so 200 clients leave the cores to the server."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_HEADER_BYTES = 64 * 1024


class BadAddress(ValueError):
    """The text is one line for a person."""


class Broken(ConnectionError):
    """No whole answer came: whether the request was carried out is not known."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    tls: bool
    path: str

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Raises BadAddress for what is no http(s) address."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadAddress(f"“{url}” is not an address; write one like http://127.0.0.1:8000.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or not url.isascii():
            raise BadAddress(f"“{url}” is not an address; write one like http://127.0.0.1:8000.")
        tls = parts.scheme == "https"
        return cls(parts.hostname, port or (443 if tls else 80), tls, parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Connection:
    """Sends one request at a time and opens itself again after a break. Limits are in seconds."""

    def __init__(self, address: Address, *, timeout: float) -> None:
        self.address = address
        self.timeout = timeout
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, headers: bytes, body: bytes) -> tuple[int, bytes]:
        """(status, body). `headers` are whole lines with their line ends. Raises Broken."""
        head = f"POST {self.address.path}{path} HTTP/1.1\r\nHost: {self.address.authority}\r\nContent-Length: {len(body)}\r\n".encode()
        try:
            async with asyncio.timeout(self.timeout):
                reader, writer = await self._open()
                writer.write(head + headers + b"\r\n" + body)
                status, answer, stays = await _answer(reader)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Broken(str(error) or type(error).__name__) from error
        if not stays:
            self.close()
        return status, answer

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            context = ssl.create_default_context() if self.address.tls else None
            self._reader, self._writer = await asyncio.open_connection(self.address.host, self.address.port, ssl=context, limit=MOST_HEADER_BYTES)
        return self._reader, self._writer


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """(status, body, whether the connection may be used again). Raises ValueError for what is no HTTP."""
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    version, code, *_ = head[0].split(b" ", 2)
    if not version.startswith(b"HTTP/1."):
        raise ValueError("the answer is no HTTP")
    fields = {name.strip().lower(): value.strip().lower() for name, _colon, value in (line.partition(b":") for line in head[1:] if line)}
    stays = fields.get(b"connection") != b"close"
    if fields.get(b"transfer-encoding") == b"chunked":
        return int(code), await _chunks(reader), stays
    if b"content-length" in fields:
        return int(code), await reader.readexactly(int(fields[b"content-length"])), stays
    return int(code), b"" if code == b"204" else await reader.read(), False


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()
    return body

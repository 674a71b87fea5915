"""The shops' web server. /<shop>/p/<good>, /<shop>/feed.json, /robots.txt, and /push, which takes what is posted; some pages are gone, moved, late or broken, always the same ones."""

import hashlib
import json
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event

from opsportal import clock
from sandbox.shops.assortment import SHOPS, Good, Shop, sold_by
from sandbox.shops.chance import among
from sandbox.shops.pages import feed, page
from sandbox.shops.prices import is_chosen, tag_at

# Of a thousand pages, how many have which quirk.
QUIRKS = (
    ("gone", 20), ("moved", 30), ("late", 25), ("hangs", 8), ("broken", 20), ("no_price", 15), ("error", 15), ("second_script", 40), ("off_limits", 10),
)  # fmt: skip
LATE, HANGS = 2.0, 20.0
MOST_BYTES = 64 * 1024


def quirk(shop: Shop, good: Good) -> str:
    if is_chosen(shop, good):
        return ""
    drawn = among(1000, "quirk", shop.key, good.slug)
    for name, share in QUIRKS:
        if drawn < share:
            return name
        drawn -= share
    return ""


def path_of(shop: Shop, good: Good) -> str:
    """Where a shop links to it, which may have moved since."""
    folder = {"moved": "old", "off_limits": "members"}.get(quirk(shop, good), "p")
    return f"/{shop.key}/{folder}/{good.slug}"


class Shops(ThreadingHTTPServer):
    """`latency` in seconds is added to each page; `today` anchors the stories of the prices. close() ends the late ones too."""

    daemon_threads = True

    def __init__(self, host: str, port: int, *, latency: float = 0.1, today: datetime | None = None) -> None:
        self.latency, self.today, self.closing = latency, today or clock.now(), Event()
        super().__init__((host, port), Handler)

    def server_close(self) -> None:
        self.closing.set()
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shops

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/robots.txt":
            lines = ["User-agent: *", *(f"Disallow: /{shop.key}/members/" for shop in SHOPS), ""]
            return self._answer(200, "\n".join(lines), "text/plain")
        shop, folder, slug = ([*path.strip("/").split("/"), "", ""])[:3]
        known = next((one for one in SHOPS if one.key == shop), None)
        if known and folder == "feed.json":
            return self._feed(known)
        good = next((one for one in sold_by(known) if one.slug == slug), None) if known else None
        if known is None or good is None:
            return self._answer(404, "There is no such page.", "text/plain")
        return self._page(known, good, folder)

    def do_POST(self) -> None:
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))
        is_push = self.path == "/push"
        self._answer(200 if is_push else 404, "Taken." if is_push else "There is no such page.", "text/plain")

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def _feed(self, shop: Shop) -> None:
        now = clock.now()
        offers = [(good, tag_at(shop, good, now, self.server.today), self._address(f"/{shop.key}/p/{good.slug}")) for good in sold_by(shop)]
        self._answer(200, json.dumps(feed(offers)), "application/json")

    def _page(self, shop: Shop, good: Good, folder: str) -> None:
        has = quirk(shop, good)
        self.server.closing.wait({"late": LATE, "hangs": HANGS}.get(has, self.server.latency))
        if folder == "old":
            return self._answer(301, "", "text/plain", location=f"/{shop.key}/p/{good.slug}")
        if has in ("gone", "error"):
            return self._answer(404 if has == "gone" else 500, "Not today.", "text/plain")
        tag = tag_at(shop, good, clock.now(), self.server.today)
        self._answer(200, page(shop, good, tag, self._address(self.path), has), "text/html; charset=utf-8")

    def _address(self, path: str) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}{path}"

    def _answer(self, status: int, text: str, content_type: str, *, location: str = "") -> None:
        body = text.encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

"""How many webhooks a second are verified, kept and answered, against the same server without work, the shortest right view, and dj-stripe.

New events differ in their ids and are signed each for itself. dj-stripe gets a type that it has no handler for, so that it asks Stripe nothing.
"""

import hashlib
import hmac
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator

from bench._database import Database
from bench.billing.serving import SECRET, Servers
from bench.switches.load import calls_a_second

CONNECTIONS = 32
WARM_SECONDS = 5.0
OF_MINIMAL, OF_DJSTRIPE, OF_NEW = 0.8, 4.0, 1.0
# Rounds differ by so much on a quiet machine; “no slower” means not more than that.
NOISE = 0.05
_numbers = itertools.count(time.time_ns())


def run(database: Database, *, quick: bool) -> Iterator[tuple[bool, str]]:
    rounds, seconds = (3, 3.0) if quick else (9, 8.0)
    with Servers(database) as servers:
        portal, rival = servers.portal(), servers.rival()
        djstripe, path = servers.djstripe()
        ways: dict[str, tuple[int, Callable[[], bytes]]] = {
            "ours, new events": (portal, lambda: delivery("/api/webhooks/stripe")),
            "ours, duplicates": (portal, lambda: delivery("/api/webhooks/stripe", number=1)),
            "(a) a constant": (rival, lambda: delivery("/constant")),
            "(b) verify + INSERT": (rival, lambda: delivery("/minimal")),
            "(b) duplicates": (rival, lambda: delivery("/minimal", number=1)),
            "(c) dj-stripe": (djstripe, lambda: delivery(path)),
        }
        for port, make in ways.values():
            calls_a_second(port, make, connections=CONNECTIONS, seconds=WARM_SECONDS)
        found: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds):
            # In turn, forward and backward: whatever slows the machine meets all of them.
            for name in list(ways)[:: 1 if number % 2 else -1]:
                port, make = ways[name]
                found[name].append(calls_a_second(port, make, connections=CONNECTIONS, seconds=seconds))
        kept = database.sql.execute("SELECT count(*), count(DISTINCT event_id) FROM webhook_events").fetchone()
    yield from judged(found)
    yield kept is not None and kept[0] == kept[1] > sum(found["ours, new events"]), f"{kept and kept[0]} events are kept, each once"


def judged(found: dict[str, list[float]]) -> Iterator[tuple[bool, str]]:
    base = statistics.median(found["(b) verify + INSERT"])
    print(f"{'deliveries a second':<30}{'median':>8}{'least':>8}{'most':>8}{'× (b)':>8}")
    for name, figures in found.items():
        print(f"{name:<30}{statistics.median(figures):>8.0f}{min(figures):>8.0f}{max(figures):>8.0f}{statistics.median(figures) / base:>8.2f}")
    new = found["ours, new events"]
    for other, least in (("(b) verify + INSERT", OF_MINIMAL), ("(c) dj-stripe", OF_DJSTRIPE)):
        ratio = _ratio(new, found[other])
        yield ratio >= least, f"new events, × {other}: {ratio:.2f}, bar {least}"
    ratio = _ratio(found["ours, duplicates"], new)
    yield ratio >= OF_NEW - NOISE, f"duplicates, × new events: {ratio:.2f}, bar {OF_NEW} (less {NOISE} for noise)"


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def _body(number: int) -> bytes:
    """A snapshot event of about 2 KB, as Stripe sends them."""
    about = {
        "id": f"tu_{number}",
        "object": "topup",
        "amount": 2990,
        "currency": "brl",
        "description": "x" * 1500,
        "metadata": {"checkout_id": f"chk_{number}"},
    }
    event = {
        "id": f"evt_{number}", "object": "event", "api_version": "2026-10-28.endive", "created": 1_790_000_000, "data": {"object": about},
        "livemode": False, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": "topup.created",
    }  # fmt: skip
    return json.dumps(event, indent=2).encode()


_BEFORE, _AFTER = _body(0).split(b"evt_0")


def delivery(path: str, *, number: int | None = None) -> bytes:
    body = b"%sevt_%d%s" % (_BEFORE, next(_numbers) if number is None else number, _AFTER)
    stamp = b"%d" % time.time()
    signature = hmac.new(SECRET.encode(), stamp + b"." + body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\nAccept: */*\r\n"
        f"User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nStripe-Signature: t={stamp.decode()},v1={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

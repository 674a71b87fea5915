"""A product whose households sign up: many clients at once, over real HTTP, each attempt with a key and an idempotency key of its own.

A broken connection leaves open whether the seat was taken; the attempt is repeated with the same idempotency key, so that
nobody is seated twice.
"""

import asyncio
import itertools
import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.http import Address, Broken, Connection

PATH = "/api/beta/signups"
SEATED = (200, 201)


class CannotStart(Exception):
    """The portal is not there or does not know the key. The text is one line for a person."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`attempts` in all, or as many as fit into `seconds`. Invites are used in turn. `timeout` in seconds for one answer."""

    url: str
    key: str
    clients: int = 200
    attempts: int | None = 2000
    seconds: float | None = None
    invites: Sequence[str] = ()
    retries: int = 8
    timeout: float = 30
    run: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended. `code` is "seated", the portal's code of a refusal, or "" with `error` when no answer came."""

    household_key: str
    status: int
    code: str
    error: str
    answer: dict[str, Any]
    seconds: float
    repeats: int
    # Seconds since the epoch, when the answer had come.
    at: float


@dataclass(frozen=True, slots=True)
class Report:
    attempts: list[Attempt]
    seconds: float

    @property
    def seated(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.code == "seated"]

    @property
    def refused(self) -> dict[str, int]:
        return dict(Counter(attempt.code for attempt in self.attempts if attempt.code not in ("", "seated")).most_common())

    @property
    def errors(self) -> dict[str, int]:
        return dict(Counter(attempt.error for attempt in self.attempts if not attempt.code).most_common())

    def latency(self) -> dict[str, float]:
        """Milliseconds from first sending to the final answer: p50, p95, p99, max. Nearest rank."""
        times = sorted(attempt.seconds for attempt in self.attempts)
        if not times:
            return {}
        ranks = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
        found = {name: times[max(0, -int(-share * len(times) // 1) - 1)] for name, share in ranks.items()}
        return {name: round(value * 1000, 1) for name, value in {**found, "max": times[-1]}.items()}

    def as_dict(self) -> dict[str, Any]:
        return {
            "attempts": len(self.attempts),
            "seated": len(self.seated),
            "refused": self.refused,
            "errors": self.errors,
            "repeated": sum(attempt.repeats for attempt in self.attempts),
            "seconds": round(self.seconds, 2),
            "per_second": round(len(self.attempts) / self.seconds, 1) if self.seconds else None,
            "latency_ms": self.latency(),
        }


def run(plan: Plan) -> Report:
    """Raises BadAddress, CannotStart."""
    return asyncio.run(sign_up(plan))


async def sign_up(plan: Plan) -> Report:
    """All clients side by side until the attempts or the seconds are used up. Raises BadAddress, CannotStart."""
    address = Address.parse(plan.url)
    await _probe(address, plan)
    made: list[Attempt] = []
    started = time.perf_counter()
    numbers: Iterator[int] = iter(range(plan.attempts)) if plan.attempts is not None else itertools.count()
    until = started + plan.seconds if plan.seconds is not None else None
    await asyncio.gather(*(_client(address, plan, numbers, until, made) for _ in range(plan.clients)))
    return Report(made, time.perf_counter() - started)


def _headers(plan: Plan, idempotency_key: str) -> bytes:
    lines = ("Content-Type: application/json", f"Authorization: Bearer {plan.key}", f"Idempotency-Key: {idempotency_key}", "Accept: application/json")
    return "".join(f"{line}\r\n" for line in lines).encode()


async def _probe(address: Address, plan: Plan) -> None:
    """A signup without a body seats nobody, and tells whether portal and key are right."""
    if not plan.key.isascii() or not plan.key.isprintable() or not plan.key.strip():
        raise CannotStart("That is no API key; make one with manage.py create_api_client NAME --scope signups.")
    connection = Connection(address, timeout=min(plan.timeout, 10))
    try:
        status, body = await connection.post(PATH, _headers(plan, f"{plan.run}-probe"), b"{}")
    except Broken as error:
        raise CannotStart(f"{plan.url} does not answer: {error}") from None
    finally:
        connection.close()
    if status in (401, 403):
        raise CannotStart(f"{plan.url} refuses the key: {_fact(body, 'detail') or status}")
    if status != 422 and status < 500:
        raise CannotStart(f"{plan.url} is no portal: it answers {status} to a signup without a household.")


async def _client(address: Address, plan: Plan, numbers: Iterator[int], until: float | None, made: list[Attempt]) -> None:
    connection = Connection(address, timeout=plan.timeout)
    for number in numbers:
        if until is not None and time.perf_counter() >= until:
            break
        made.append(await _attempt(connection, plan, number))
    connection.close()


async def _attempt(connection: Connection, plan: Plan, number: int) -> Attempt:
    household_key = f"{plan.run}-{number}"
    body = {"household_key": household_key, "email": f"{household_key}@example.com"}
    if plan.invites:
        body["invite_code"] = plan.invites[number % len(plan.invites)]
    headers, raw = _headers(plan, household_key), json.dumps(body).encode()
    started = time.perf_counter()
    error = ""
    for repeats in range(plan.retries + 1):
        try:
            status, answer = await connection.post(PATH, headers, raw)
        except Broken as broken:
            error = str(broken)
            await asyncio.sleep(min(0.05 * 2**repeats, 1))
            continue
        return _ended(household_key, status, _facts(answer), started, repeats)
    return Attempt(household_key, 0, "", error, {}, time.perf_counter() - started, plan.retries, time.time())


def _ended(household_key: str, status: int, answer: dict[str, Any], started: float, repeats: int) -> Attempt:
    code = "seated" if status in SEATED and "seat" in answer else str(answer.get("code", ""))
    error = "" if code else f"HTTP {status}"
    return Attempt(household_key, status, code, error, answer, time.perf_counter() - started, repeats, time.time())


def _facts(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _fact(body: bytes, name: str) -> str:
    return str(_facts(body).get(name, ""))

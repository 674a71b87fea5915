"""What an HTTP call brings and what it gets, for every part of the sandbox's server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """`path` without the prefix of its part; headers by their names in small letters."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def one(self, name: str, default: str = "") -> str:
        return (self.query.get(name) or [default])[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """`wait`: seconds before the connection is closed without an answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0


class Part(Protocol):
    def answer(self, call: Call) -> Answer: ...


def as_json(status: int, content: Any, **headers: str) -> Answer:
    return Answer(status, json.dumps(content).encode(), headers)

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.receiver import Receiver, Request, receiving

Said = tuple[int, dict[str, str], bytes]


class Canned:
    """A provider's API with answers by path, and by path and query where both were said. Everything else is 404."""

    def __init__(self, receiver: Receiver) -> None:
        self.url, self.requests = receiver.url, receiver.requests
        self._said: dict[tuple[str, frozenset[tuple[str, str]]], list[Said]] = {}
        receiver.respond = self._answer

    def says(self, path: str, *bodies: Any, status: int = 200, headers: dict[str, str] | None = None, **query: str) -> None:
        """Several bodies come one after the other, the last for ever; bytes go out as they are."""
        texts = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
        self._said[path, frozenset(query.items())] = [(status, headers or {}, text) for text in texts]

    @property
    def asked(self) -> list[str]:
        return [request.path for request in self.requests]

    def _answer(self, request: Request, write: Any) -> Said:
        parts = urlsplit(request.path)
        query = frozenset(parse_qsl(parts.query))
        fitting = [key for key in self._said if key[0] == parts.path and key[1] <= query]
        if not fitting:
            return 404, {}, b'{"error": {"message": "no such thing"}}'
        answers = self._said[max(fitting, key=lambda key: len(key[1]))]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture(scope="session")
def outside() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def canned(outside: Receiver, settings: Any) -> Canned:
    outside.requests.clear()
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = True
    settings.STRIPE_API_BASE = settings.MERCADOPAGO_API_BASE = outside.url
    settings.STRIPE_SECRET_KEY = "sk_test_tests"
    settings.MERCADOPAGO_ACCESS_TOKEN = "APP_USR-tests"
    return Canned(outside)

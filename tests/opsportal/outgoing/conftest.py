import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def guarded(settings: Any) -> None:
    settings.OPS_ALLOW_PRIVATE_ADDRESSES = False


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A name server: for each name the answers that it gives one after another; the last one for ever."""
    table: dict[str, list[list[str]]] = {}
    real: Callable[..., Any] = socket.getaddrinfo

    def ask(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in table:
            return real(host, port, *args, **options)
        answers = table[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [answer for address in addresses for answer in real(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    return table

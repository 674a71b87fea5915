from collections.abc import Iterator
from typing import Any

import pytest
from celery import Task

from notify import telling
from notify.models import Destination
from tests.factories import make_destination
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def place(db: None, receiver: Receiver) -> Destination:
    """A destination whose messages the receiver gets."""
    return make_destination(name="product", address=f"{receiver.url}/hook")


@pytest.fixture(autouse=True)
def _broker_is_tried_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "_away_until", 0.0)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float | None]]:
    """What Celery is asked to send, in place of a broker: (message, seconds to wait)."""
    seen: list[tuple[str, float | None]] = []

    def apply_async(self: Task, values: Any, countdown: float | None = None, **options: Any) -> None:
        seen.append((values[0], countdown))

    monkeypatch.setattr(Task, "apply_async", apply_async)
    return seen

"""Lines of the tests' own: what apps register is out of the way, and every test says what its lines answer."""

from collections.abc import Callable
from typing import Any

import pytest

from opsportal.lines import Answer, Line, State, register_line
from opsportal.words import Figure, said
from review.models import Kind

Lines = Callable[..., Line]


def answer(state: str = "ok", value: float | None = 7, unit: str = "count") -> Answer:
    return Answer(State(state), Figure(value, unit), said("%(number)s of them.", number=value or 0))


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """Registers a line: `lines("speed", lambda: answer("fail"))`. Nothing else is registered."""
    monkeypatch.setattr("opsportal.lines._lines", {})

    def add(key: str, read: Callable[[], Answer] = answer, **fields: Any) -> Line:
        valid: dict[str, Any] = {
            "key": key, "group": "feed", "question": f"Is {key} well?", "threshold": "under 5 %", "read": read, "permission": "review.view",
            "reviews": (Kind.MORNING.value, Kind.EVENING.value),
        }  # fmt: skip
        line = Line(**valid | fields)
        register_line(line)
        return line

    return add

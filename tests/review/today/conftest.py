from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Person
from beta.models import Program
from opsportal import clock, needs
from opsportal.needs import NeedSource
from tests.signing_in import sign_in


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Today asks these sources and nothing else: `only(source, …, gauges=[…])`."""

    def ask(*sources: NeedSource, gauges: Any = ()) -> None:
        monkeypatch.setattr(needs, "_needs", list(sources))
        monkeypatch.setattr(needs, "_gauges", list(enumerate(gauges)))

    return ask


@pytest.fixture
def ana(client: Client, owner: Person) -> Client:
    return sign_in(client, owner)


@pytest.fixture
def vera(client: Client, viewer: Person) -> Client:
    return sign_in(client, viewer)


@pytest.fixture
def fifth_day(db: None) -> None:
    Program.objects.update(starts_on=clock.today() - timedelta(days=4))

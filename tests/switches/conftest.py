from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.actions import create_api_client
from audit.actors import Actor
from switches import actions
from switches.models import Switch
from switches.readers import Notebook, notebook
from switches.snapshot import keeper


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test reads anew, and writes down who read what only when it says so."""
    monkeypatch.setattr(Notebook, "_start", lambda self: None)
    keeper.forget()
    notebook.forget()
    yield
    keeper.forget()
    notebook.forget()


class Product:
    """A program with an API key: `post("ENABLE_JOBS")` asks for one switch, `post()` for all."""

    def __init__(self, key: str, name: str = "product") -> None:
        self.http, self.key, self.name = Client(), key, name

    def post(self, flag: str | None = None, body: Any = "{}", **headers: str) -> Any:
        auth = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        path = "/ofrep/v1/evaluate/flags" + ("" if flag is None else f"/{flag}")
        return self.http.post(path, body, content_type="application/json", headers=auth | headers)

    def value(self, flag: str) -> bool:
        return bool(self.post(flag).json()["value"])


def make_product(*scopes: str, name: str = "product") -> Product:
    return Product(create_api_client(actor=Actor.system("tests"), name=name, scopes=list(scopes or ["flags"])).raw, name)


def later() -> None:
    """As if half a second had passed since the last read."""
    keeper.forget()


def off(name: str = "ENABLE_PRICE_TRACKER", **values: Any) -> Switch:
    switch = actions.turn_off(actor=Actor.system("Ana"), name=name, reason="shops block us", **values)
    later()
    return switch


@pytest.fixture
def product(db: None) -> Product:
    return make_product()

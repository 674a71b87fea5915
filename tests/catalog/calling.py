"""The catalog's API as the product calls it: a client with a key, and what is refused."""

import json
from typing import Any

from django.test import Client

from accounts.actions import create_api_client
from audit.actors import Actor

NOBODY = "00000000-0000-0000-0000-000000000000"
BASE = "/api/catalog"


def caller(*scopes: str) -> Any:
    made = create_api_client(actor=Actor.cli(), name=f"product {scopes}", scopes=list(scopes))
    return made.raw


class Api:
    def __init__(self, *scopes: str) -> None:
        self.key = caller(*scopes)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        known = {"Authorization": f"Bearer {self.key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return Client().generic(method, f"{BASE}{path}", content, "application/json", headers=known)


def refusal(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def fields_of(answer: Any) -> list[str]:
    assert refusal(answer) == (422, "invalid")
    return sorted(error["field"] for error in answer.json()["errors"])

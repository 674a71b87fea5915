"""Starting jobs over HTTP, for tests."""

from typing import Any

from django.test import Client

CURRENT, PREVIOUS = "current-secret-of-the-tests-0123456789", "previous-secret-of-the-tests-012345678"
HEADER: dict[str, Any] = {"x-cron-secret": CURRENT}
TRIAL = "/api/internal/jobs/trial"


def call(path: str = TRIAL, method: str = "POST", http: Client | None = None, address: str = "203.0.113.7", body: str = "", **headers: Any) -> Any:
    """The answer to one call."""
    return (http or Client()).generic(method, path, body, headers=headers, REMOTE_ADDR=address)


def with_secret(secret: str, address: str = "203.0.113.7") -> int:
    """The status of the answer."""
    return int(call(address=address, **(HEADER | {"x-cron-secret": secret})).status_code)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def state(run_id: object, **headers: Any) -> Any:
    return call(f"/api/internal/jobs/runs/{run_id}", method="GET", **headers or HEADER)


def refused(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["code"], answer.json().get("reason")

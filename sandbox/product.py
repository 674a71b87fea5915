"""A stand-in product: it takes the portal's word on who has which plan, as a real one should."""

import hmac
import json
import threading
from collections import deque
from typing import Any

from sandbox.providers.answers import Answer, Call, as_json


class Product:
    """POST /internal/plans takes a customer's state, GET /internal/plans/<customer> shows it. Of each customer the highest `version` is kept.

    `fail_next`: answers to give in place of the true one. `received` counts what was taken, repeats apart.
    """

    def __init__(self, secrets: list[str]) -> None:
        self.secrets = secrets
        self.customers: dict[str, dict[str, Any]] = {}
        self.fail_next: deque[int] = deque()
        self.received = self.repeated = self.outdated = 0
        self._answers: dict[str, tuple[bytes, Answer]] = {}
        self._lock = threading.Lock()

    def fail(self, status: int = 503, calls: int = 1) -> None:
        self.fail_next.extend([status] * calls)

    def answer(self, call: Call) -> Answer:
        secret = call.headers.get("x-app-backend-secret", "").encode()
        if not any([hmac.compare_digest(secret, known.encode()) for known in self.secrets]):
            return as_json(403, {"error": "forbidden"})
        with self._lock:
            if self.fail_next:
                return as_json(self.fail_next.popleft(), {"error": "not today"})
            match call.method, call.path.strip("/").split("/"):
                case "POST", ["internal", "plans"]:
                    return self._take(call)
                case "GET", ["internal", "plans", customer]:
                    known = self.customers.get(customer)
                    return as_json(200, known) if known else as_json(404, {"error": "unknown customer"})
        return as_json(404, {"error": "not found"})

    def _take(self, call: Call) -> Answer:
        key = call.headers.get("idempotency-key", "")
        if not key:
            return as_json(400, {"error": "an Idempotency-Key is needed"})
        if key in self._answers:
            self.repeated += 1
            body, answer = self._answers[key]
            return answer if body == call.body else as_json(422, {"error": "the same Idempotency-Key came with another body"})
        try:
            state = json.loads(call.body)
            customer, version = str(state["customer_key"]), int(state["version"])
        except (ValueError, KeyError, TypeError):
            return as_json(400, {"error": "customer_key and version are needed"})
        known = self.customers.get(customer)
        is_newer = known is None or version > known["version"]
        if is_newer:
            self.customers[customer] = state
        self.received, self.outdated = self.received + 1, self.outdated + (not is_newer)
        answer = as_json(200, {"applied": is_newer, "version": self.customers[customer]["version"]})
        self._answers[key] = (call.body, answer)
        return answer

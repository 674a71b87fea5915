"""The shapes of OFREP 0.3, the OpenFeature Remote Evaluation Protocol: https://github.com/open-feature/protocol"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

STATIC, UNKNOWN = "STATIC", "UNKNOWN"
PARSE_ERROR, INVALID_CONTEXT, FLAG_NOT_FOUND, GENERAL = "PARSE_ERROR", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"

# (version, value)
Told = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Value:
    """One flag as it is answered. `version` is None for a value that nobody has read: a safe one."""

    key: str
    value: bool
    version: int | None = None
    changed_at: str = ""
    forced_by_env: bool = False


def success(value: Value, *, stale: bool = False) -> dict[str, Any]:
    """Always with a value: without one, a client uses its own default. Metadata are scalars only, and none is null."""
    metadata: dict[str, Any] = {"forced_by_env": value.forced_by_env}
    if value.version is not None:
        metadata |= {"version": value.version}
    if value.changed_at:
        metadata |= {"changed_at": value.changed_at}
    if stale or value.version is None:
        metadata |= {"why": "the database does not answer", "safe_default": value.version is None}
    reason = UNKNOWN if value.version is None else STATIC
    return {"key": value.key, "value": value.value, "reason": reason, "variant": "on" if value.value else "off", "metadata": metadata}


@dataclass(frozen=True, slots=True)
class Answers:
    """Ready to be sent. `told` is what a reader of the whole has then read."""

    singles: dict[str, bytes]
    bulk: bytes
    etag: str
    told: dict[str, Told]
    # From a process that could not ask yet which switches there are.
    is_blind: bool = False


def answers(values: Iterable[Value], *, stale: bool = False, is_blind: bool = False) -> Answers:
    """The flags don't depend on the context, so one answer and one ETag serve everybody."""
    shaped = {value.key: (value, success(value, stale=stale)) for value in values}
    bulk = dumped({"flags": [shape for _value, shape in shaped.values()]})
    return Answers(
        {key: dumped(shape) for key, (_value, shape) in shaped.items()}, bulk, f'"{hashlib.sha256(bulk).hexdigest()[:24]}"',
        {key: (value.version, value.value) for key, (value, _shape) in shaped.items() if value.version is not None},
        is_blind,
    )  # fmt: skip


def failure(code: str, details: str, key: str | None = None) -> bytes:
    return dumped(({} if key is None else {"key": key}) | {"errorCode": code, "errorDetails": details})


def dumped(value: object) -> bytes:
    # ASCII: half a surrogate pair in a key that came with the call can't break it.
    return json.dumps(value, separators=(",", ":")).encode("ascii")


class BadRequest(Exception):
    """The body is not what OFREP sends; `code` is its errorCode."""

    def __init__(self, code: str, details: str) -> None:
        super().__init__(details)
        self.code, self.details = code, details


def check_body(body: bytes) -> None:
    """Raises BadRequest. The context is looked at only for its shape; no body at all, and one without a context, are fine."""
    if not body or body in (b"{}", b'{"context":{}}', b'{"context": {}}'):
        return
    try:
        # Decoded here: json would guess the encoding first, and JSON on the wire is UTF-8 (RFC 8259).
        sent = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise BadRequest(PARSE_ERROR, "The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise BadRequest(PARSE_ERROR, "The body is not a JSON object.")
    context = sent.get("context", {})
    if not isinstance(context, dict):
        raise BadRequest(INVALID_CONTEXT, "“context” is not a JSON object.")
    if not isinstance(context.get("targetingKey", ""), str):
        raise BadRequest(INVALID_CONTEXT, "“targetingKey” is not a string.")

"""Whether an answer is the one that was expected. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from health.models import Fault
from opsportal.errors import Invalid

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Step:
    """One request and what is expected. `headers` is None where they were sealed under a key that this portal does not have."""

    method: str
    url: str
    statuses: str = "200-299"
    contains: str = ""
    json_path: str = ""
    json_value: str = ""
    headers: Mapping[str, str] | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Got:
    """What counts of an answer. `is_whole`: the body was not longer than what is read of it."""

    status: int
    text: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Wrong:
    fault: Fault
    facts: Mapping[str, Any] = field(default_factory=dict)


def check_statuses(text: str) -> str:
    """“200”, “200-299”, “200, 204, 300-399”, in its plain form. Raises Invalid (statuses)."""
    parts = [part.strip() for part in text.split(",")]
    try:
        ranges = [_range(part) for part in parts]
    except ValueError:
        raise Invalid(_("Write status codes from 100 to 599: 200, a list like 200, 204, or a range like 200-299."), field="statuses") from None
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


def is_expected(status: int, statuses: str) -> bool:
    return any(low <= status <= high for low, high in map(_range, statuses.split(",")))


def _range(part: str) -> tuple[int, int]:
    low, dash, high = (side.strip() for side in part.partition("-"))
    if not all(side.isascii() and side.isdigit() and len(side) == 3 for side in (low, high or low)) or (dash and not high):
        raise ValueError(part)
    found = int(low), int(high or low)
    if not 100 <= found[0] <= found[1] <= 599:
        raise ValueError(part)
    return found


def fault_of(step: Step, got: Got) -> Wrong | None:
    """The first thing that is not as expected: the status, then the text, then the JSON value. None: all is."""
    if not is_expected(got.status, step.statuses):
        return Wrong(Fault.STATUS, {"status": got.status, "expected": step.statuses})
    if step.contains and step.contains not in got.text:
        return Wrong(Fault.TEXT if got.is_whole else Fault.TEXT_CUT, {"text": step.contains})
    return _json_fault(step, got) if step.json_path else None


def _json_fault(step: Step, got: Got) -> Wrong | None:
    if not got.is_whole:
        return Wrong(Fault.TOO_LONG)
    try:
        found = _at(json.loads(got.text), step.json_path)
    except (ValueError, RecursionError):
        return Wrong(Fault.NOT_JSON)
    if found is _ABSENT:
        return Wrong(Fault.JSON_MISSING, {"path": step.json_path})
    said = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    if step.json_value and said != step.json_value:
        return Wrong(Fault.JSON, {"path": step.json_path, "value": plain(said[:200]), "expected": step.json_value})
    return None


def plain(text: str) -> str:
    """What PostgreSQL stores: neither NUL nor half a surrogate pair."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _at(value: Any, path: str) -> Any:
    """Names and places with dots between: checks.database.status, items.0.id."""
    for name in path.split("."):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 7 and int(name) < len(value):
            value = value[int(name)]
        else:
            return _ABSENT
    return value

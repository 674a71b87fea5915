"""Reading what others wrote: JSON values as text, moments and ids that the database takes."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from opsportal import money

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,199}")
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,99}")
_MOST = 2**63 - 1


def text(value: object, most: int = 200) -> str:
    """Nothing for nothing; PostgreSQL takes no NUL."""
    return "" if value is None else str(value).replace("\x00", "")[:most]


def verbatim(value: object) -> str:
    """Uncut and uncleaned, for what is then checked by is_id or is_type."""
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def is_id(value: str) -> bool:
    return _ID.fullmatch(value) is not None


def is_type(value: str) -> bool:
    return _TYPE.fullmatch(value) is not None


def ident(value: object) -> str:
    """The id of what stands there, expanded or not."""
    return text(value.get("id") if isinstance(value, Mapping) else value)


def at(seconds: object) -> datetime | None:
    """From seconds since 1970. Nothing, or nonsense: None."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso(value: object) -> datetime | None:
    """From ISO 8601 with a zone. Nothing, or nonsense: None."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def minor(amount: Decimal, currency: str) -> int:
    """Our minor units. Raises ArithmeticError or ValueError for what no amount of money is, or none that the database holds."""
    found = money.to_minor(amount, currency)
    if not 0 <= found <= _MOST:
        raise ValueError("no amount")
    return found


def part(value: Mapping[str, Any] | None, *path: str) -> Any:
    """What stands at a path of keys; None where it breaks off."""
    found: Any = value
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found

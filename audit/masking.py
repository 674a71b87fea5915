import re
from collections.abc import Mapping
from typing import Any

MASK = "•••"
_SECRET = re.compile(r"passw|secret|token|authorization|cookie|api_?key|private_?key|session_?(id|key)|cvv|cvc|card_?number|recovery|totp", re.IGNORECASE)


def masked(value: Any, *, key: str = "") -> Any:
    """A copy in which whatever stands under a secret's key name is replaced, at any depth. None stays None."""
    if key and _SECRET.search(key):
        return _mask(value)
    if isinstance(value, Mapping):
        return {str(name): masked(inner, key=str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def _mask(value: Any) -> Any:
    # A change stays a change: [before, after] keeps which side was empty.
    if isinstance(value, list | tuple):
        return [_mask(inner) for inner in value]
    return value if value is None or isinstance(value, bool) else MASK

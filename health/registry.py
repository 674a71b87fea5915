"""What upper apps add to /api/status, registered in their apps.py."""

from collections.abc import Callable

Part = Callable[[], object]

_parts: dict[str, Part] = {}


def register_status(key: str, part: Part) -> None:
    """Add `key` to /api/status. `part` returns JSON; it may ask the database, within a second, and anyone may read what it says."""
    _parts[key] = part


def parts() -> dict[str, Part]:
    return dict(_parts)

"""Every app registers its one enum of action types in its apps.py; the audit page offers them as a filter."""

from django.db.models import TextChoices

_enums: list[type[TextChoices]] = []


def register(enum: type[TextChoices]) -> None:
    if enum not in _enums:
        _enums.append(enum)


def knows(action_type: object) -> bool:
    return type(action_type) in _enums


def choices() -> list[tuple[str, object]]:
    """(value, label) of every action type, by value."""
    return sorted((member.value, member.label) for enum in _enums for member in enum)


def label(value: str) -> str:
    """What people read for an action type; the bare value for one that no app knows any more."""
    return next((str(member.label) for enum in _enums for member in enum if member.value == value), value)
